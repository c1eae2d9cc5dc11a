//! Which model to get first: the best that fits this machine, and how.
//!
//! A short list of facts; nothing is fetched and nobody is asked.

use std::net::{Ipv4Addr, UdpSocket};
use std::path::Path;

/// A model worth starting with.
struct Starter {
    name: &'static str,
    /// Memory the machine should have, in GiB.
    needs: u64,
    size: &'static str,
    licence: &'static str,
    repository: &'static str,
}

/// Largest first. Sizes and licences as published on the models' own pages.
const STARTERS: [Starter; 3] = [
    Starter {
        name: "Qwen3-8B-Q4_K_M",
        needs: 12,
        size: "5.0 GB",
        licence: "Apache-2.0",
        repository: "Qwen/Qwen3-8B-GGUF:Q4_K_M",
    },
    Starter {
        name: "Qwen3-4B-Q4_K_M",
        needs: 7,
        size: "2.5 GB",
        licence: "Apache-2.0",
        repository: "Qwen/Qwen3-4B-GGUF:Q4_K_M",
    },
    Starter {
        name: "Qwen3-0.6B-Q8_0",
        needs: 0,
        size: "0.6 GB",
        licence: "Apache-2.0",
        repository: "Qwen/Qwen3-0.6B-GGUF:Q8_0",
    },
];

/// Returns what to tell a person who has only the models that come with the program.
pub(super) fn text(models: &Path) -> String {
    let folder = models.display();
    let mut text = String::from(
        "No model is installed, so `mini` answers, a small one inside the program. It classifies,\n\
         calculates, writes dates and numbers plainly and the like; it does not know the world.\n",
    );
    if has_route() {
        let starter = best_fit(oratory_local::memory());
        let Starter { name, size, licence, repository, .. } = starter;
        text.push_str(&format!(
            "The best first model for this machine is {name} ({size}, {licence}):\n  \
             oratory models pull {repository}\n"
        ));
    } else {
        text.push_str(&format!(
            "There is no network now. To get a real one, put any .gguf file into\n  {folder}\n"
        ));
    }
    text.push_str(
        "Models that Ollama, LM Studio or llama.cpp hold on this machine can be used in place:\n  \
         oratory models import\n\
         Either is found at once, without a restart.",
    );
    text
}

fn best_fit(memory: Option<u64>) -> &'static Starter {
    let memory = memory.unwrap_or(0) >> 30;
    STARTERS.iter().find(|starter| starter.needs <= memory).unwrap_or(&STARTERS[2])
}

/// Whether this machine knows a way to the internet. Sends nothing: connecting a datagram
/// socket only looks the way up.
fn has_route() -> bool {
    UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))
        .and_then(|socket| socket.connect((Ipv4Addr::new(1, 1, 1, 1), 443)))
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::best_fit;

    #[test]
    fn the_largest_that_fits_is_offered() {
        assert_eq!(best_fit(Some(64 << 30)).name, "Qwen3-8B-Q4_K_M");
        assert_eq!(best_fit(Some(8 << 30)).name, "Qwen3-4B-Q4_K_M");
        assert_eq!(best_fit(Some(2 << 30)).name, "Qwen3-0.6B-Q8_0");
        assert_eq!(best_fit(None).name, "Qwen3-0.6B-Q8_0");
    }
}
