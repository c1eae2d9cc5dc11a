"""Renders the chat templates here with Jinja2 as Hugging Face sets it up, and keeps the output.

The Rust tests compare whole prompts with it. Run it after changing a template or a case:

    python -m venv /tmp/jinja && /tmp/jinja/bin/pip install jinja2==3.1.6
    TZ=UTC /tmp/jinja/bin/python crates/oratory-local/tests/templates/render.py
"""

import datetime
import json
import pathlib

import jinja2
import jinja2.ext
import jinja2.sandbox

HERE = pathlib.Path(__file__).parent
NOON = datetime.datetime(2026, 11, 21, 12)


class Generation(jinja2.ext.Extension):
    """The tag that marks what a model said; it changes nothing in the text."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_same"), [], [], body).set_lineno(line)

    def _same(self, caller):
        return caller()


def refuse(message):
    raise jinja2.exceptions.TemplateError(message)


def to_json(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
    )


def environment():
    made = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    made.filters["tojson"] = to_json
    made.globals["raise_exception"] = refuse
    made.globals["strftime_now"] = NOON.strftime
    return made


def message_of(case_message, names):
    role = case_message["role"]
    message = {"role": role, "content": case_message.get("content", "")}
    if thinking := case_message.get("thinking"):
        message["reasoning_content"] = thinking
        if not case_message.get("calls") or not message["content"]:
            message["thinking"] = thinking
    if calls := case_message.get("calls"):
        message["tool_calls"] = [
            {
                "id": call["id"],
                "type": "function",
                "function": {"name": call["name"], "arguments": json.loads(call["arguments"])},
            }
            for call in calls
        ]
    if answers := case_message.get("answers"):
        message["tool_call_id"] = answers
        message["name"] = names.get(answers)
    if name := case_message.get("name"):
        message["name"] = name
    return message


def values_of(case, tools):
    calls = [call for message in case["messages"] for call in message.get("calls", [])]
    names = {call["id"]: call["name"] for call in calls}
    wanted = [tool for tool in tools if case.get("tools") in ("all", tool["name"])]
    values = {
        "messages": [message_of(message, names) for message in case["messages"]],
        "tools": [{"type": "function", "function": tool} for tool in wanted] or None,
        "documents": None,
        "add_generation_prompt": True,
        "bos_token": "<s>",
        "eos_token": "</s>",
    }
    if effort := case.get("effort"):
        values["enable_thinking"] = values["thinking"] = effort != "none"
        values["reasoning_effort"] = "low" if effort == "none" else effort
    return values


def outcome(template, values):
    try:
        return {"prompt": template.render(**values).split("\n")}
    except jinja2.exceptions.TemplateError as error:
        if type(error) is jinja2.exceptions.TemplateError:
            return {"refused": str(error)}
        return {"fails": True}
    except Exception:
        return {"fails": True}


def write(name, content):
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (HERE / "expected" / name).write_text(text + "\n", encoding="utf-8")


def read(name):
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def main():
    (HERE / "expected").mkdir(exist_ok=True)
    tools, cases = read("tools.json"), read("cases.json")
    for path in sorted(HERE.glob("*.jinja")):
        template = environment().from_string(path.read_text(encoding="utf-8"))
        write(path.stem + ".json", {case["name"]: outcome(template, values_of(case, tools)) for case in cases})
    plain = values_of(cases[0], tools)
    found = [[text, outcome(environment().from_string(text), plain)] for text in read("expressions.json")]
    write("expressions.json", found)


main()
