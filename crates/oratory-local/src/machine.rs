//! What the engine asks of the operating system: memory, cores, signals, the clock, pipes.
//!
//! Every `unsafe` call that is not llama.cpp's is here; nothing here decides anything.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io;
use std::os::fd::FromRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Returns the machine's memory in bytes; `None` if it does not say.
pub fn memory() -> Option<u64> {
    // SAFETY: takes a number and returns one.
    let (pages, size) =
        unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGESIZE)) };
    u64::try_from(pages).ok()?.checked_mul(u64::try_from(size).ok()?)
}

/// Returns the bytes that may still be written where `path` is; `None` if the system does not say.
pub fn free_space(path: &Path) -> Option<u64> {
    let path = CString::new(path.as_os_str().as_bytes()).ok()?;
    // SAFETY: the path ends in zero, and the struct is plain data that lives through the call.
    let found = unsafe {
        let mut found: libc::statvfs = std::mem::zeroed();
        (libc::statvfs(path.as_ptr(), &raw mut found) == 0).then_some(found)?
    };
    // Numbers of other widths on other systems.
    #[allow(clippy::useless_conversion, reason = "on this system they may be 64 bits wide already")]
    u64::from(found.f_bavail).checked_mul(u64::from(found.f_frsize))
}

/// Returns how many threads this process may run at once, two on a core where a core can.
pub(crate) fn allowed_cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Returns the cores this process may use; two threads on one core slow inference down.
pub(crate) fn physical_cores() -> usize {
    let allowed = allowed_cores();
    distinct_cores().map_or(allowed, |cores| cores.clamp(1, allowed))
}

#[cfg(target_os = "linux")]
fn distinct_cores() -> Option<usize> {
    let mut cores = std::collections::BTreeSet::new();
    for entry in std::fs::read_dir("/sys/devices/system/cpu").ok()?.flatten() {
        // Threads that share a core list the same siblings.
        if let Ok(siblings) =
            std::fs::read_to_string(entry.path().join("topology/thread_siblings_list"))
        {
            cores.insert(siblings);
        }
    }
    (!cores.is_empty()).then_some(cores.len())
}

#[cfg(not(target_os = "linux"))]
fn distinct_cores() -> Option<usize> {
    let mut cores: libc::c_int = 0;
    let mut size = size_of::<libc::c_int>();
    // SAFETY: the name ends in zero, and the buffer is as large as stated.
    let code = unsafe {
        libc::sysctlbyname(
            c"hw.physicalcpu".as_ptr(),
            (&raw mut cores).cast(),
            &raw mut size,
            std::ptr::null_mut(),
            0,
        )
    };
    (code == 0).then(|| usize::try_from(cores).unwrap_or(1))
}

/// Returns what the processor calls itself, and on Linux what it can do; empty if it does not say.
pub(crate) fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let tells = |line: &&str| line.starts_with("model name") || line.starts_with("flags");
    text.lines().filter(tells).take(2).collect()
}

/// Returns the local time as C's `strftime` formats it.
pub(crate) fn local_time(now: i64, format: &str) -> String {
    let Ok(format) = CString::new(format) else { return String::new() };
    let mut out = [0 as libc::c_char; 256];
    // SAFETY: `tm` is plain data, all pointers are to live locals, and the buffer's length is
    // passed along; strftime ends what it wrote in zero, or writes nothing and returns 0.
    unsafe {
        let now = now as libc::time_t;
        let mut parts: libc::tm = std::mem::zeroed();
        libc::localtime_r(&raw const now, &raw mut parts);
        if libc::strftime(out.as_mut_ptr(), out.len(), format.as_ptr(), &raw const parts) == 0 {
            return String::new();
        }
        CStr::from_ptr(out.as_ptr()).to_string_lossy().into_owned()
    }
}

/// Takes standard output away from everything else in this process, and returns it.
///
/// What C code prints goes to standard error from now on and cannot get between frames.
pub(crate) fn take_stdout() -> io::Result<File> {
    // SAFETY: plain calls on the standard descriptors; the copy is owned by the `File` alone.
    unsafe {
        let copy = libc::fcntl(libc::STDOUT_FILENO, libc::F_DUPFD_CLOEXEC, 3);
        if copy < 0 || libc::dup2(libc::STDERR_FILENO, libc::STDOUT_FILENO) < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(File::from_raw_fd(copy))
    }
}

/// Makes this process the one to go when memory runs out, and keeps its memory off the disk.
pub(crate) fn expect_to_die() {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the struct is live and complete. A core dump would hold what people wrote, and
    // take its time; if the limit cannot be set, nothing worse than that happens.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) };
    // The server should outlive its workers. Other systems have no such file.
    drop(std::fs::write("/proc/self/oom_score_adj", "500"));
}

/// Limits the memory of its own that this process may take; beyond it allocation fails, which
/// ends the process and not the machine.
pub(crate) fn limit_memory(bytes: u64) {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
    // SAFETY: the struct is live and complete; where it cannot be set, there is no limit.
    unsafe { libc::setrlimit(libc::RLIMIT_DATA, &raw const limit) };
}

/// Ends this process at once: no destructors, no waiting for a computation in another thread.
pub(crate) fn end_now(code: i32) -> ! {
    // SAFETY: always allowed; nothing runs in this process afterwards.
    unsafe { libc::_exit(code) }
}

/// Says whether a signal comes from somebody who wants a process to end, not from a fault in it.
pub(crate) fn is_an_order(signal: i32) -> bool {
    matches!(signal, libc::SIGKILL | libc::SIGTERM | libc::SIGINT | libc::SIGHUP | libc::SIGQUIT)
}

/// Returns how many processes the system has ended for want of memory; `None` if it does not say.
pub(crate) fn out_of_memory_kills() -> Option<u64> {
    let counts = std::fs::read_to_string("/proc/vmstat").ok()?;
    let count = counts.lines().find_map(|line| line.strip_prefix("oom_kill "))?;
    count.trim().parse().ok()
}

/// Returns a signal's usual name.
pub(crate) fn signal_name(signal: i32) -> String {
    let name = match signal {
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGFPE => "SIGFPE",
        libc::SIGILL => "SIGILL",
        libc::SIGINT => "SIGINT",
        libc::SIGKILL => "SIGKILL",
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGTERM => "SIGTERM",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}
