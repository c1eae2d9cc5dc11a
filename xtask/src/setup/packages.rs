//! The system's packages: installs them as root on Debian and Ubuntu, else spells the command.
//!
//! It never asks for a password: a command that does is for the person to type.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::Need;
use crate::cargo::{output_of, run};

/// A package manager and what each need is called there.
struct Manager {
    program: &'static str,
    install: &'static str,
    compiler: &'static str,
    libclang: &'static str,
}

const APT: Manager = Manager {
    program: "apt-get",
    install: "apt-get update && apt-get install -y",
    compiler: "g++",
    libclang: "libclang-dev",
};

const OTHERS: [Manager; 4] = [
    Manager {
        program: "dnf",
        install: "dnf install -y",
        compiler: "gcc-c++",
        libclang: "clang-devel",
    },
    Manager { program: "pacman", install: "pacman -S", compiler: "gcc", libclang: "clang" },
    Manager { program: "apk", install: "apk add", compiler: "g++", libclang: "clang-dev" },
    Manager {
        program: "zypper",
        install: "zypper install",
        compiler: "gcc-c++",
        libclang: "clang-devel",
    },
];

impl Manager {
    fn package(&self, need: Need) -> &'static str {
        match need {
            Need::Compiler => self.compiler,
            Need::Make => "make",
            Need::Cmake => "cmake",
            Need::Libclang => self.libclang,
        }
    }

    fn packages(&self, missing: &[Need]) -> Vec<&'static str> {
        missing.iter().map(|need| self.package(*need)).collect()
    }
}

/// Says whether we can install packages without asking anybody.
pub(super) fn may_install() -> bool {
    is_root() && is_there(APT.program)
}

/// Installs what is missing.
pub(super) fn install(missing: &[Need]) -> Result<()> {
    let packages = APT.packages(missing);
    eprintln!("installing {} with apt-get", packages.join(", "));
    let apt = || {
        let mut command = Command::new(APT.program);
        command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
        command
    };
    run(apt().args(["update", "-qq"])).context("the system's package lists are out of reach")?;
    run(apt().args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages))
}

/// Returns the command a person types to install what is missing.
pub(super) fn command(missing: &[Need]) -> String {
    if cfg!(target_os = "macos") {
        return macos_command(missing);
    }
    let manager = OTHERS.iter().find(|manager| is_there(manager.program)).unwrap_or(&APT);
    let manager = if is_there(APT.program) { &APT } else { manager };
    spell(manager, missing, is_root())
}

fn spell(manager: &Manager, missing: &[Need], root: bool) -> String {
    let sudo = if root { "" } else { "sudo " };
    let install = manager.install.replace("&& ", &format!("&& {sudo}"));
    format!("{sudo}{install} {}", manager.packages(missing).join(" "))
}

fn macos_command(missing: &[Need]) -> String {
    let by_xcode = |need: &Need| *need != Need::Cmake;
    match (missing.iter().any(by_xcode), missing.contains(&Need::Cmake)) {
        (true, true) => "xcode-select --install; brew install cmake",
        (true, false) => "xcode-select --install",
        _ => "brew install cmake",
    }
    .to_owned()
}

fn is_root() -> bool {
    output_of("id", &["-u"]).as_deref() == Some("0")
}

fn is_there(program: &str) -> bool {
    output_of(program, &["--version"]).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_complete_and_ask_for_a_password_only_where_they_must() {
        let missing = [Need::Cmake, Need::Libclang];
        assert_eq!(
            spell(&APT, &missing, false),
            "sudo apt-get update && sudo apt-get install -y cmake libclang-dev"
        );
        assert_eq!(
            spell(&APT, &missing, true),
            "apt-get update && apt-get install -y cmake libclang-dev"
        );
        assert_eq!(spell(&OTHERS[0], &[Need::Compiler], false), "sudo dnf install -y gcc-c++");
    }
}
