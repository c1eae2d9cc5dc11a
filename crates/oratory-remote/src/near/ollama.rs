//! What an Ollama says of its models: which it runs itself, and which somebody else runs for it.

use oratory_contract::{ModelCard, Readiness};
use serde_json::Value;

use super::listed::card;

/// Returns the models that run on this machine, and those that do not.
pub(super) fn models(tags: &Value) -> Option<(Vec<ModelCard>, Vec<ModelCard>)> {
    let list = match tags.get("models")? {
        Value::Null => return Some(Default::default()),
        list => list.as_array()?,
    };
    let (away, here): (Vec<&Value>, Vec<&Value>) = list.iter().partition(|tag| is_away(tag));
    let cards = |tags: Vec<&Value>| tags.into_iter().filter_map(model).collect();
    Some((cards(here), cards(away)))
}

/// Says whether a model is answered for by somebody else: it names the host, or its tag says so.
fn is_away(tag: &Value) -> bool {
    let told = |field: &str| tag[field].as_str().is_some_and(|text| !text.is_empty());
    let name = tag["name"].as_str().unwrap_or_default();
    let tagged = name.rsplit_once(':').is_some_and(|(_, tag)| tag == "cloud");
    tagged || name.ends_with("-cloud") || told("remote_host") || told("remote_model")
}

fn model(tag: &Value) -> Option<ModelCard> {
    let details = &tag["details"];
    if details["family"].as_str().is_some_and(|family| family.contains("bert")) {
        return None;
    }
    Some(ModelCard {
        readiness: Readiness::Cold,
        parameters: details["parameter_size"].as_str().and_then(parameters),
        bytes: tag["size"].as_u64(),
        ..card(tag["name"].as_str()?)?
    })
}

/// Reads `8.0B` or `137M`.
fn parameters(text: &str) -> Option<u64> {
    let units = [("B", 1e9), ("M", 1e6), ("K", 1e3)];
    let (number, unit) =
        units.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))?;
    let number: f64 = number.parse().ok()?;
    (number.is_finite() && number > 0.0 && number < 1e6).then_some((number * unit).round() as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_somebody_else_runs_is_told_apart() {
        let tags = json!({ "models": [
            { "name": "qwen3:8b", "size": 5_200_000_000_u64,
              "details": { "family": "qwen3", "parameter_size": "8.5B" } },
            { "name": "gpt-oss:120b-cloud" },
            { "name": "deepseek-v4-pro:cloud" },
            { "name": "innocent", "remote_host": "https://ollama.com:443", "remote_model": "x" },
            { "name": "nomic-embed-text:latest" },
            { "name": "bge-m3:latest", "details": { "family": "bert" } },
            { "size": 3 },
        ] });
        let (here, away) = models(&tags).expect("it is a list");
        let names = |cards: &[ModelCard]| -> Vec<String> {
            cards.iter().map(|card| card.name.to_string()).collect()
        };
        assert_eq!(names(&here), ["qwen3:8b"]);
        assert_eq!(here[0].parameters, Some(8_500_000_000));
        assert_eq!(names(&away), ["gpt-oss:120b-cloud", "deepseek-v4-pro:cloud", "innocent"]);
        assert!(models(&json!({ "models": "none" })).is_none());
    }

    #[test]
    fn sizes_are_read_and_nonsense_is_not() {
        assert_eq!(parameters("137M"), Some(137_000_000));
        for wrong in ["", "B", "xB", "8.0", "infB", "-3B", "8.0é"] {
            assert_eq!(parameters(wrong), None, "{wrong}");
        }
    }
}
