//! The gateways that are measured: Oratory, and nginx as the floor where it is installed.
//!
//! Each runs as its own process in a temporary folder and ends with this one.

use std::ffi::OsStr;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::Trouble;
use crate::caller::Caller;
use crate::cores::Cores;
use crate::upstream::Upstream;

/// A running gateway.
pub(crate) struct Gateway {
    name: &'static str,
    pub(crate) address: SocketAddr,
    process: Child,
    _folder: TempDir,
}

/// The ways to the upstream: directly, then through each gateway.
pub(crate) struct Ways(pub(crate) Vec<(&'static str, SocketAddr)>);

/// What Oratory says once everything has been asked.
pub(crate) struct After {
    /// Requests that were answered to the end, each with its record on disk.
    pub(crate) answered: u64,
    /// Requests that ended otherwise.
    pub(crate) failed: u64,
    /// Records that could not be kept.
    pub(crate) lost: u64,
    /// Memory it holds, in MiB, where the system tells.
    pub(crate) resident: Option<f64>,
}

impl Gateway {
    pub(crate) async fn oratory(
        program: &OsStr,
        upstream: &Upstream,
        cores: &Cores,
    ) -> Result<Self, Trouble> {
        let folder = tempfile::tempdir()?;
        let address = free_address()?;
        std::fs::write(folder.path().join("config.toml"), settings(address, upstream.address))?;
        let lessons = folder.path().join("outcomes.jsonl");
        std::fs::write(&lessons, outcomes())?;
        let begin = |word: &str| {
            let mut command = cores.command(program);
            // Nothing of the person's own settings may change what is measured.
            command.arg(word).env_clear().env("ORATORY_HOME", folder.path());
            command.env("HOME", folder.path()).env("PATH", "/usr/bin:/bin");
            command
        };
        let mut learn = begin("eval");
        let learnt = learn.arg("learn").arg(lessons).stdout(Stdio::null()).stderr(Stdio::null());
        if !learnt.status()?.success() {
            return Err("`oratory eval learn` failed".into());
        }
        let serve = begin("serve");
        Self::start("oratory", serve, address, folder, "/health").await
    }

    /// Starts nginx as a plain proxy; `None` where there is none or it does not start.
    pub(crate) async fn nginx(upstream: &Upstream, cores: &Cores) -> Option<Self> {
        let folder = tempfile::tempdir().ok()?;
        let address = free_address().ok()?;
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, nginx_settings(folder.path(), address, upstream.address)).ok()?;
        let mut command = cores.command(OsStr::new("nginx"));
        command.arg("-p").arg(folder.path()).arg("-c").arg(file).stderr(Stdio::null());
        Self::start("nginx", command, address, folder, "/health").await.ok()
    }

    async fn start(
        name: &'static str,
        mut command: Command,
        address: SocketAddr,
        folder: TempDir,
        path: &str,
    ) -> Result<Self, Trouble> {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let process = command.spawn().map_err(|error| format!("cannot start {name}: {error}"))?;
        let mut gateway = Self { name, address, process, _folder: folder };
        let late = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(status) = gateway.process.try_wait()? {
                return Err(format!("{name} ended at once ({status})").into());
            }
            if let Ok(mut caller) = Caller::connect(address).await {
                caller.page(path).await?;
                return Ok(gateway);
            }
            if Instant::now() > late {
                return Err(format!("{name} did not begin to listen on {address}").into());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Asks Oratory what it has counted and the system what it holds.
    pub(crate) async fn after(&self) -> Result<After, Trouble> {
        let resident = self.resident();
        let page = Caller::connect(self.address).await?.page("/metrics").await?;
        let by_outcome = |line: &&str| line.starts_with("oratory_requests_total{");
        let all: u64 = page.lines().filter(by_outcome).map(count).sum();
        let one = |start: &str| page.lines().find(|line| line.starts_with(start)).map_or(0, count);
        let answered = one("oratory_requests_total{outcome=\"answered\"}");
        let lost = one("oratory_records_lost");
        Ok(After { answered, failed: all - answered, lost, resident })
    }

    pub(crate) fn resident(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kibibytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kibibytes / 1024.0)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Ways {
    pub(crate) fn new(upstream: &Upstream, gateways: &[Gateway]) -> Self {
        let through = gateways.iter().map(|gateway| (gateway.name, gateway.address));
        Self(std::iter::once(("direct", upstream.address)).chain(through).collect())
    }

    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|(name, _)| *name).collect()
    }
}

/// Returns the number at the end of a line.
fn count(line: &str) -> u64 {
    line.rsplit(' ').next().and_then(|number| number.parse::<f64>().ok()).map_or(0, |n| n as u64)
}

/// Returns an address that was free a moment ago.
fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

/// Returns outcomes to learn from: of a model near by that cannot do sums, and one far away that can.
fn outcomes() -> String {
    let line = |number: usize| {
        let (prompt, near) = match number % 4 {
            0 => (format!("A shop sells {number} pots at $7 each. How much in all?"), 0),
            _ => (format!("Tell me about plant {number} on my balcony, in plain words."), 1),
        };
        let outcomes = json!({ "bench/mock": { "score": near }, "cloud/large": { "score": 1 } });
        json!({ "id": number.to_string(), "prompt": prompt, "outcomes": outcomes }).to_string()
    };
    (0..1200).map(|number| line(number) + "\n").collect()
}

fn settings(listen: SocketAddr, upstream: SocketAddr) -> String {
    format!(
        "[server]\nlisten = \"{listen}\"\n\n[places.bench]\nurl = \"http://{upstream}/v1\"\n\
         tier = \"onprem\"\nclearance = \"confidential\"\nmodels = [\"mock\"]\n\n\
         [places.cloud]\nurl = \"http://{upstream}/v1\"\nclearance = \"internal\"\n\
         price = \"3 15\"\nmodels = [\"large\"]\n\n[route]\ncloud_share = 0.1\n"
    )
}

fn nginx_settings(folder: &Path, listen: SocketAddr, upstream: SocketAddr) -> String {
    let folder = folder.display();
    format!(
        "daemon off; master_process off; worker_processes 1; pid {folder}/pid;\n\
         error_log {folder}/error.log crit; events {{ worker_connections 1024; }}\n\
         http {{ access_log off; keepalive_requests 1000000000;\n\
         client_body_temp_path {folder}; proxy_temp_path {folder};\n\
         fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};\n\
         upstream mock {{ server {upstream}; keepalive 256; keepalive_requests 1000000000; }}\n\
         server {{ listen {listen}; location = /health {{ return 200 'ok'; }}\n\
         location / {{ proxy_pass http://mock; proxy_http_version 1.1; proxy_buffering off;\n\
         proxy_set_header Connection ''; }} }} }}\n"
    )
}
