//! Coding agents that people use, at work with a model at home: they call a tool, and go on with what came of it.
//!
//! They come from npm; where they cannot be had, a test says so and looks at nothing. The model is a made
//! one that calls the same tool whenever it is asked, so each is ended after its second turn.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use oratory_local::story::{self, Story};
use serde_json::{Value, json};

use crate::house::{House, Server};
use crate::packages::node;

/// How long an agent may take for two turns, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(120);
/// What the tool is told to do.
const TOUCH: &str = "touch done-by-the-tool";

/// An agent, and what it was told to do.
struct Agent {
    child: Child,
    house: House,
    server: Server,
}

/// Returns a house whose model calls this tool with these arguments.
fn house(tool: &str, arguments: &Value) -> House {
    let house = House::new().settings("[home]\ncontext = 131072\nlanes = 1\n");
    let text =
        format!("<tool_call> {{\"name\": \"{tool}\", \"arguments\": {arguments}}} </tool_call>");
    let story = Story { text, context: 131_072, ..Story::default() };
    story::write(&house.model("agent"), &story).unwrap();
    std::fs::create_dir_all(house.path().join("work")).unwrap();
    house
}

/// Starts an agent in a folder of its own, in a group of its own, so that all of it can be ended.
fn start(house: House, program: &Path, tell: impl FnOnce(&mut Command, &House, &Server)) -> Agent {
    let server = house.serve();
    let mut command = Command::new(program);
    command.env_clear().env("HOME", house.path()).current_dir(house.path().join("work"));
    command.env("PATH", path()).stdin(Stdio::null()).process_group(0);
    let said = File::create(house.path().join("said")).unwrap();
    command.stdout(said.try_clone().unwrap()).stderr(said);
    tell(&mut command, &house, &server);
    Agent { child: command.spawn().unwrap(), house, server }
}

#[allow(clippy::disallowed_methods, reason = "agents look for node where this test has found npm")]
fn path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

impl Agent {
    /// Waits for its second turn with a tool, and looks at what both took.
    fn works(mut self) {
        let began = Instant::now();
        let done = self.house.path().join("work").join("done-by-the-tool");
        loop {
            // Looked at before the page, so that the page has all that an ended one did.
            let over = began.elapsed() > PATIENCE || self.child.try_wait().unwrap().is_some();
            let page = self.server.get("/metrics").text();
            let (read, cached) = (tokens(&page, "input"), tokens(&page, "cached"));
            // The longest prompt is there twice, and the second time only its end is new.
            if done.exists() && cached * 3 > read {
                println!("{read} tokens read, {cached} of them known, in {:?}", began.elapsed());
                return;
            }
            let said = || std::fs::read_to_string(self.house.path().join("said")).unwrap();
            assert!(!over, "tool run: {}, {read} read, {cached} known\n{}", done.exists(), said());
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.child.wait();
    }
}

/// Returns how many tokens of a kind were counted.
fn tokens(page: &str, kind: &str) -> u64 {
    let line = page.lines().find(|line| line.contains(&format!("kind=\"{kind}\"")));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}

#[test]
fn claude_code_calls_a_tool_and_goes_on() {
    let folder = match node("claude-code", &["@anthropic-ai/claude-code@2.1.197"]) {
        Ok(folder) => folder,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let house = house("Bash", &json!({ "command": TOUCH }));
    let program = folder.join("node_modules/.bin/claude");
    let agent = start(house, &program, |command, _, server| {
        // Two of its tools: the made model reads their descriptions byte by byte.
        command.args(["-p", "Do it.", "--tools", "Bash,Read", "--allowedTools", "Bash"]);
        command.args(["--model", "agent"]);
        command.env("ANTHROPIC_BASE_URL", format!("http://{}", server.address));
        command.env("ANTHROPIC_AUTH_TOKEN", "none").env("ANTHROPIC_DEFAULT_HAIKU_MODEL", "agent");
        command.env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1");
    });
    agent.works();
}

#[test]
fn codex_calls_a_tool_and_goes_on() {
    let folder = match node("codex", &["@openai/codex@0.169.0"]) {
        Ok(folder) => folder,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let house = house("exec_command", &json!({ "cmd": TOUCH }));
    let program = folder.join("node_modules/.bin/codex");
    let agent = start(house, &program, |command, _, server| {
        let provider = format!(
            "model_providers.oratory={{name=\"oratory\",base_url=\"http://{}/v1\",wire_api=\"responses\"}}",
            server.address
        );
        command.args(["exec", "--skip-git-repo-check"]);
        command.arg("--dangerously-bypass-approvals-and-sandbox");
        command.args(["-c", "model_provider=oratory", "-c", "model=agent", "-c", &provider]);
        command.arg("Do it.");
    });
    agent.works();
}

#[test]
fn opencode_calls_a_tool_and_goes_on() {
    let folder = match node("opencode", &["opencode-ai@1.18.33"]) {
        Ok(folder) => folder,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let house = house("bash", &json!({ "command": TOUCH }));
    let program = folder.join("node_modules/.bin/opencode");
    let agent = start(house, &program, |command, house, server| {
        // The model may say its call several times over in one answer, which is taken for a loop.
        let settings = json!({
            "autoupdate": false, "share": "disabled", "permission": { "bash": "allow", "doom_loop": "allow" },
            "model": "oratory/agent", "small_model": "oratory/agent",
            "provider": { "oratory": {
                "npm": "@ai-sdk/openai-compatible", "name": "Oratory",
                "options": { "baseURL": format!("http://{}/v1", server.address), "apiKey": "none" },
                "models": { "agent": { "name": "agent", "limit": { "context": 131_072, "output": 4096 } } },
            } },
        });
        std::fs::write(house.path().join("work/opencode.json"), settings.to_string()).unwrap();
        command.args(["run", "Do it."]);
    });
    agent.works();
}
