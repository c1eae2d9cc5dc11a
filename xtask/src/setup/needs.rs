//! What building llama.cpp needs, and whether it is here.
//!
//! Tools are asked for their version rather than looked for: a shim that leads nowhere is not a
//! tool.

use std::path::{Path, PathBuf};

use super::Environment;
use crate::cargo::output_of;
use crate::variable;

/// One thing that building needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Compiler,
    Make,
    Cmake,
    Libclang,
}

impl Need {
    const ALL: [Self; 4] = [Self::Compiler, Self::Make, Self::Cmake, Self::Libclang];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Compiler => "a C++ compiler",
            Self::Make => "make",
            Self::Cmake => "cmake",
            Self::Libclang => "libclang",
        }
    }

    fn is_met(self) -> bool {
        match self {
            Self::Compiler => has_compiler(),
            Self::Make => output_of("make", &["--version"]).is_some(),
            Self::Cmake => output_of("cmake", &["--version"]).is_some(),
            Self::Libclang => libclang_folder().is_some(),
        }
    }
}

pub(super) fn missing() -> Vec<Need> {
    Need::ALL.into_iter().filter(|need| !need.is_met()).collect()
}

/// Returns what cargo needs to find what the system has; mostly nothing.
pub(super) fn environment() -> Environment {
    let mut environment = Environment::new();
    let Some(folder) = libclang_folder() else { return environment };
    // The one usual place that bindgen does not look at by itself. Setting the variable where it
    // is not needed would make plain `cargo build` and ours rebuild llama.cpp in turn.
    if folder.starts_with("/opt/homebrew") && variable("LIBCLANG_PATH").is_none() {
        environment.insert("LIBCLANG_PATH", folder.clone().into());
    }
    if cfg!(target_os = "linux") && !has_headers(&folder) {
        add_compiler_headers(&mut environment);
    }
    environment
}

/// Lets bindgen find `stdbool.h` and its like, which a bare libclang lacks, in the compiler's.
pub(super) fn add_compiler_headers(environment: &mut Environment) {
    let Some(folder) = output_of("cc", &["-print-file-name=include"]) else { return };
    let mut arguments = variable("BINDGEN_EXTRA_CLANG_ARGS").unwrap_or_default();
    arguments.push(format!(" -I{folder}"));
    environment.insert("BINDGEN_EXTRA_CLANG_ARGS", arguments);
}

fn has_compiler() -> bool {
    // Without Xcode's tools the compiler on macOS is a stub that opens a window.
    if cfg!(target_os = "macos") && output_of("xcode-select", &["-p"]).is_none() {
        return false;
    }
    let chosen = variable("CXX").and_then(|name| name.into_string().ok());
    output_of(chosen.as_deref().unwrap_or("c++"), &["--version"]).is_some()
}

/// Returns the folder of libclang, looked for where bindgen looks.
fn libclang_folder() -> Option<PathBuf> {
    let chosen = variable("LIBCLANG_PATH").map(PathBuf::from);
    let told = output_of("llvm-config", &["--libdir"]).map(PathBuf::from);
    chosen.into_iter().chain(told).chain(usual_folders()).find(|folder| holds_libclang(folder))
}

fn usual_folders() -> Vec<PathBuf> {
    if cfg!(target_os = "macos") {
        return macos_folders();
    }
    let bases = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64"].map(PathBuf::from);
    let inside = bases.iter().flat_map(|base| entries(base)).filter_map(|folder| {
        let name = folder.file_name()?.to_str()?;
        match name {
            _ if name.starts_with("llvm") => Some(folder.join("lib")),
            _ if name.contains("-linux-") => Some(folder),
            _ => None,
        }
    });
    inside.chain(bases.clone()).collect()
}

fn macos_folders() -> Vec<PathBuf> {
    let xcode = output_of("xcode-select", &["-p"]).map(PathBuf::from);
    let of_xcode = xcode.iter().flat_map(|base| {
        [base.join("usr/lib"), base.join("Toolchains/XcodeDefault.xctoolchain/usr/lib")]
    });
    let of_brew = ["/opt/homebrew/opt/llvm/lib", "/usr/local/opt/llvm/lib"].map(PathBuf::from);
    of_xcode.chain(of_brew).collect()
}

// The path a person sets may also name the file itself.
fn holds_libclang(path: &Path) -> bool {
    is_libclang(path) || entries(path).iter().any(|file| is_libclang(file))
}

// A link left behind by a removed package leads nowhere, so the file is looked at, too.
fn is_libclang(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str());
    name.is_some_and(names_libclang) && std::fs::metadata(file).is_ok_and(|found| found.len() > 0)
}

fn names_libclang(name: &str) -> bool {
    let stem = name.split_once(".so").or_else(|| name.split_once(".dylib")).map(|(stem, _)| stem);
    let Some(version) = stem.and_then(|stem| stem.strip_prefix("libclang")) else { return false };
    // `libclang.so`, `libclang-14.so.1`; not `libclang-cpp.so`, which is another library.
    version.is_empty() || version.starts_with("-1") || version.starts_with("-2")
}

fn has_headers(libclang: &Path) -> bool {
    let beside = [libclang.join("clang"), PathBuf::from("/usr/lib/clang")];
    let of_llvm = entries(Path::new("/usr/lib")).into_iter().map(|folder| folder.join("lib/clang"));
    let versions = beside.into_iter().chain(of_llvm).flat_map(|folder| entries(&folder));
    versions.into_iter().any(|version| version.join("include/stdbool.h").exists())
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(found) = std::fs::read_dir(folder) else { return Vec::new() };
    found.flatten().map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libclang_is_told_from_its_namesakes() {
        for yes in ["libclang.so", "libclang.so.1", "libclang-14.so.14.0.6", "libclang.dylib"] {
            assert!(names_libclang(yes), "{yes}");
        }
        for no in ["libclang-cpp.so.14", "libclangAST.a", "libclang_rt.so", "ld-linux-x86-64.so.2"]
        {
            assert!(!names_libclang(no), "{no}");
        }
    }
}
