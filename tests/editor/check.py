"""An editor sees the plain function: rust-analyzer finds the same for each name in it, with the attribute and without.

Usage: check.py [--verbose], at the root of the repository. Needs the component `rust-analyzer` of the toolchain; exits
with 0 and says so where there is none.

Each file in `cases` is opened twice: as it is, and with a comment of the same length in place of each attribute of ours.
Compared are, for each identifier, the number of definitions that it leads to and the length of what is shown on it; and
the number of completions at each `/*|*/`, where the text behind it up to the next `;`, `)` or `,` is left out.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = sorted((ROOT / "tests/editor/cases").glob("*.rs"))
ATTRIBUTE = re.compile(r"#\[(?:propagate_context|context_entry|detached)\b[^\]]*\]")
KEYWORDS = set("_ async await else fn for if impl let match move mut pub return self Self struct use while".split())
MANIFEST = """[package]
name = "editor-cases"
edition = "2021"
[dependencies]
propagate-context = {{ path = "{root}/runtime", features = ["axum", "tokio", "tracing"] }}
axum = "0.8"
tokio = {{ version = "1", features = ["full"] }}
tracing = {{ version = "0.1", features = ["attributes"] }}
[workspace]
"""


class Client:
    """What of the language server protocol is needed."""

    def __init__(self, folder):
        command = ["rustup", "run", "stable", "rust-analyzer"]
        self.server = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.last = 0
        self.quiescent = False
        self.call(
            "initialize",
            processId=None,
            rootUri=folder.as_uri(),
            capabilities={"experimental": {"serverStatusNotification": True}, "workspace": {"configuration": False}},
            initializationOptions={"checkOnSave": False, "cachePriming": {"enable": False}},
        )
        self.send("initialized")

    def send(self, method, number=None, **params):
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        if number is not None:
            message["id"] = number
        self.write(message)

    def write(self, message):
        body = json.dumps(message).encode()
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.server.stdin.flush()

    def read(self):
        length = 0
        while line := self.server.stdout.readline().strip():
            name, value = line.split(b":", 1)
            if name.lower() == b"content-length":
                length = int(value)
        message = json.loads(self.server.stdout.read(length))
        if message.get("method") == "experimental/serverStatus":
            self.quiescent = message["params"]["quiescent"]
        elif "method" in message and "id" in message:
            self.write({"jsonrpc": "2.0", "id": message["id"], "result": None})
        return message

    def call(self, method, **params):
        """The result; asked again where the server has been interrupted by a change."""
        while True:
            self.last += 1
            self.send(method, self.last, **params)
            while (message := self.read()).get("id") != self.last or "method" in message:
                pass
            if "error" not in message:
                return message["result"]
            if message["error"]["code"] not in (-32801, -32802):
                raise RuntimeError(message["error"])

    def wait(self):
        while not self.quiescent:
            self.read()


def stripped(source):
    return ATTRIBUTE.sub(lambda found: "/*" + " " * (len(found.group()) - 4) + "*/", source)


def names(source):
    """The places of the identifiers behind the first attribute, other than in attributes: line, character, text."""
    start = ATTRIBUTE.search(source).end()
    plain = re.sub(r"//.*|/\*.*?\*/|#\[.*?\]|\"[^\"]*\"|'\w+\b(?!')", lambda found: " " * len(found.group()), stripped(source))
    for found in re.finditer(r"\b[a-z_A-Z]\w*\b", plain):
        if found.start() >= start and found.group() not in KEYWORDS:
            before = source[: found.start()]
            yield before.count("\n"), found.start() - (before.rfind("\n") + 1), found.group()


class File:
    def __init__(self, client, path, source):
        self.client, self.uri, self.source, self.version = client, path.as_uri(), source, 1
        document = {"uri": self.uri, "languageId": "rust", "version": 1, "text": source}
        client.send("textDocument/didOpen", textDocument=document)

    def ask(self, what, line, character):
        position = {"line": line, "character": character}
        return self.client.call(f"textDocument/{what}", textDocument={"uri": self.uri}, position=position)

    def targets(self, line, character):
        return len(self.ask("definition", line, character) or [])

    def hover(self, line, character):
        hover = self.ask("hover", line, character)
        return len(hover["contents"]["value"]) if hover else 0

    def completions(self, source, line, character):
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        self.client.send("textDocument/didChange", textDocument=document, contentChanges=[{"text": source}])
        found = self.ask("completion", line, character)
        items = found["items"] if isinstance(found, dict) else found or []
        # Postfix templates and keywords are no names.
        return len([item for item in items if item.get("kind") not in (14, 15)])


def is_same(what, kept, without, source, line, character, name):
    """Whether an editor shows the same, but for what the function has become.

    A function that is async shows that it returns a future, also where its output is named; a spawner the type that it is given; and a parameter is a
    variable of the same name inside of that future: it is shown as `let name`, and its declaration as both.
    """
    if what == "targets" or kept == without:
        return kept == without
    head = source.splitlines()[line]
    in_head = re.search(r"\bfn ", head)
    if in_head:
        is_output = "->" in head[:character]
        return is_output or head[:character].endswith("fn ") or kept - without < without + 16
    return kept - without == len("let ") or ("spawn" in name and abs(kept - without) < 32)


def differences(annotated, plain, verbose):
    source = annotated.source
    for line, character, name in names(source):
        for what in ("targets", "hover"):
            kept, without = (getattr(file, what)(line, character) for file in (annotated, plain))
            if verbose:
                print(f"  {line + 1}:{character + 1} {name}: {what} {without} plain, {kept} annotated")
            if not is_same(what, kept, without, source, line, character, name):
                yield f"{line + 1}:{character + 1} `{name}`: {what} {kept}, without the attribute {without}"
    for found in re.finditer(r"/\*\|\*/[^;),]*", source):
        half_typed = source[: found.start()] + source[found.end() :]
        before = source[: found.start()]
        place = before.count("\n"), found.start() - (before.rfind("\n") + 1)
        kept = annotated.completions(half_typed, *place)
        without = plain.completions(stripped(half_typed), *place)
        if verbose:
            print(f"  {place[0] + 1}: completions {without} plain, {kept} annotated")
        if kept != without or not without:
            yield f"{place[0] + 1}:{place[1] + 1}: {kept} completions, without the attribute {without}"


def main():
    found = shutil.which("rustup") and subprocess.run(["rustup", "which", "rust-analyzer"], capture_output=True)
    if not found or found.returncode:
        print("editor: there is no rust-analyzer: `rustup component add rust-analyzer`")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "src").mkdir()
        (folder / "Cargo.toml").write_text(MANIFEST.format(root=ROOT))
        shutil.copy(ROOT / "Cargo.lock", folder / "Cargo.lock")
        modules = []
        for case in CASES:
            source = case.read_text()
            for kind, text in (("with", source), ("bare", stripped(source))):
                (folder / f"src/{case.stem}_{kind}.rs").write_text(text)
                modules.append(f"pub mod {case.stem}_{kind};\n")
        (folder / "src/lib.rs").write_text("".join(modules))
        client = Client(folder)
        client.wait()
        wrong = []
        for case in CASES:
            source = case.read_text()
            files = [
                File(client, folder / f"src/{case.stem}_{kind}.rs", text)
                for kind, text in (("with", source), ("bare", stripped(source)))
            ]
            client.wait()
            wrong += [f"{case.name}:{text}" for text in differences(*files, "--verbose" in sys.argv)]
        client.server.kill()
    print(*wrong, f"editor: {len(CASES)} files, {len(wrong)} differences", sep="\n")
    return 1 if wrong else 0


sys.exit(main())
