//! The counters of NVIDIA's cards, through their own library, which is looked for at run time.
//!
//! Cards older than Volta count nothing; then none is counted, so that nobody takes half for all.

#[cfg(unix)]
pub(super) use self::unix::Cards;

#[cfg(not(unix))]
pub(super) use self::nothing::Cards;

#[cfg(not(unix))]
mod nothing {
    /// Nothing is counted here.
    #[derive(Debug)]
    pub(in crate::energy) struct Cards {}

    impl Cards {
        pub(in crate::energy) fn open() -> Option<Self> {
            None
        }

        pub(in crate::energy) fn count(&self) -> usize {
            0
        }

        pub(in crate::energy) fn microjoules(&self) -> Option<u64> {
            None
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::ffi::{CStr, c_int, c_uint, c_ulonglong, c_void};

    /// The library, as drivers install it.
    const LIBRARY: &CStr = c"libnvidia-ml.so.1";
    /// What its functions return when all is well.
    const SUCCESS: c_int = 0;
    /// More cards than a machine has.
    const MOST: c_uint = 64;

    type Init = unsafe extern "C" fn() -> c_int;
    type Count = unsafe extern "C" fn(*mut c_uint) -> c_int;
    type ByIndex = unsafe extern "C" fn(c_uint, *mut *mut c_void) -> c_int;
    type Total = unsafe extern "C" fn(*mut c_void, *mut c_ulonglong) -> c_int;

    /// The cards here, by the handles that the library gave them.
    #[derive(Debug)]
    pub(in crate::energy) struct Cards {
        handles: Vec<*mut c_void>,
        total: Total,
    }

    // SAFETY: the library may be called from any thread, and its handles belong to none.
    unsafe impl Send for Cards {}

    impl Cards {
        /// Opens the library and finds its cards; `None` where there are none that count.
        pub(in crate::energy) fn open() -> Option<Self> {
            Self::of(LIBRARY)
        }

        pub(in crate::energy) fn of(library: &CStr) -> Option<Self> {
            // SAFETY: a name that ends in zero; the library is never closed, so what is found in
            // it stays.
            let library =
                unsafe { libc::dlopen(library.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
            if library.is_null() {
                return None;
            }
            let find = |name: &CStr| {
                // SAFETY: an open library, and a name that ends in zero.
                let found = unsafe { libc::dlsym(library, name.as_ptr()) };
                (!found.is_null()).then_some(found)
            };
            let (init, count) = (find(c"nvmlInit_v2")?, find(c"nvmlDeviceGetCount_v2")?);
            let by_index = find(c"nvmlDeviceGetHandleByIndex_v2")?;
            let total = find(c"nvmlDeviceGetTotalEnergyConsumption")?;
            // SAFETY: NVML declares these functions with these types.
            let (init, count, by_index, total) = unsafe {
                (
                    std::mem::transmute::<*mut c_void, Init>(init),
                    std::mem::transmute::<*mut c_void, Count>(count),
                    std::mem::transmute::<*mut c_void, ByIndex>(by_index),
                    std::mem::transmute::<*mut c_void, Total>(total),
                )
            };
            let mut cards = 0;
            // SAFETY: called first, as the library asks; the number is written to a place of ours.
            if unsafe { init() } != SUCCESS || unsafe { count(&raw mut cards) } != SUCCESS {
                return None;
            }
            let handle = |number| {
                let mut handle = std::ptr::null_mut();
                // SAFETY: a number below the count, and a place of ours for the handle.
                let told = unsafe { by_index(number, &raw mut handle) };
                (told == SUCCESS).then_some(handle)
            };
            let handles = (0..cards.min(MOST)).map(handle).collect::<Option<Vec<_>>>()?;
            let cards = Self { handles, total };
            (cards.count() > 0 && cards.microjoules().is_some()).then_some(cards)
        }

        pub(in crate::energy) fn count(&self) -> usize {
            self.handles.len()
        }

        /// Returns the microjoules all have used since their driver was loaded.
        pub(in crate::energy) fn microjoules(&self) -> Option<u64> {
            let each = self.handles.iter().map(|&handle| {
                let mut millijoules = 0;
                // SAFETY: a handle of this library, and a place of ours for the number.
                let told = unsafe { (self.total)(handle, &raw mut millijoules) };
                (told == SUCCESS).then_some(millijoules)
            });
            let all = each.collect::<Option<Vec<c_ulonglong>>>()?;
            all.into_iter().sum::<u64>().checked_mul(1000)
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::ffi::CString;
    use std::process::Command;

    use super::Cards;

    /// A library with two cards; each reading shows more. The second may be too old to count.
    const LIBRARY: &str = "
        static unsigned long long used[2] = {1000, 5000};
        int nvmlInit_v2(void) { return 0; }
        int nvmlDeviceGetCount_v2(unsigned *n) { *n = 2; return 0; }
        int nvmlDeviceGetHandleByIndex_v2(unsigned i, void **d) { *d = &used[i]; return 0; }
        int nvmlDeviceGetTotalEnergyConsumption(void *d, unsigned long long *mj) {
            if (OLD && d == &used[1]) return 3;
            *mj = *(unsigned long long *)d;
            *(unsigned long long *)d += 10;
            return 0;
        }";

    fn library(old: u8) -> Option<(tempfile::TempDir, CString)> {
        let folder = tempfile::tempdir().expect("a folder");
        let (source, made) = (folder.path().join("cards.c"), folder.path().join("cards.so"));
        std::fs::write(&source, LIBRARY).expect("it is written");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", &format!("-DOLD={old}"), "-o"])
            .args([&made, &source])
            .status();
        let made = CString::new(made.as_os_str().as_encoded_bytes()).expect("no nought is in it");
        compiled.is_ok_and(|status| status.success()).then_some((folder, made))
    }

    #[test]
    fn cards_are_counted_all_together_or_not_at_all() {
        // The engine needs a C compiler to be built, so there is one wherever this is.
        let (_new, new) = library(0).unwrap();
        let cards = Cards::of(&new).unwrap();
        assert_eq!(cards.count(), 2);
        let before = cards.microjoules().unwrap();
        assert_eq!(cards.microjoules().unwrap() - before, 20_000);
        let (_old, old) = library(1).unwrap();
        assert!(Cards::of(&old).is_none());
        assert!(Cards::of(c"/nowhere/libnvidia-ml.so.1").is_none());
    }
}
