//! Whether an adapter fits a model, from both headers alone.
//!
//! llama.cpp refuses most of what does not fit, and ends the process over the rest; so everything
//! is looked at here first. What an adapter adds is two thin matrices for a weight.

use std::collections::BTreeMap;

use crate::gguf::{Facts, Weight};

/// Types of tensors that llama.cpp multiplies by: floats and the usual quantisations.
const MULTIPLIED: [u32; 14] = [0, 1, 2, 3, 6, 7, 8, 10, 11, 12, 13, 14, 30, 39];

/// The two matrices for one weight: into the narrow middle, and out of it.
#[derive(Default)]
struct Pair<'a> {
    into: Option<&'a Weight>,
    out: Option<&'a Weight>,
}

/// Returns why an adapter cannot be used with any model; `Ok` if it can with some.
pub(crate) fn sound(adapter: &Facts) -> Result<(), String> {
    let Some(about) = &adapter.adapter else {
        return Err("it is no adapter".to_owned());
    };
    if let Some(field) = about.wrong_type {
        return Err(format!("its field `{field}` is of the wrong type"));
    }
    if about.kind.as_deref() != Some("lora") {
        let kind = about.kind.as_deref().unwrap_or("unnamed");
        return Err(format!("it is an adapter of the kind {kind:?}; only \"lora\" is used here"));
    }
    if about.invoked {
        return Err(
            "it works only once certain words have been said, which is not done here".into()
        );
    }
    if adapter.architecture.is_none() {
        return Err("it does not say for which family of models it is".to_owned());
    }
    pairs(adapter).map(drop)
}

/// Returns why an adapter does not fit a model.
pub(crate) fn fits(adapter: &Facts, model: &Facts) -> Result<(), String> {
    sound(adapter)?;
    if adapter.architecture != model.architecture {
        let family = |facts: &Facts| facts.architecture.clone().unwrap_or_default();
        return Err(format!("it is for {} models, not {}", family(adapter), family(model)));
    }
    let tied = model.weights.iter().all(|weight| weight.name != "output.weight");
    for (name, pair) in pairs(adapter)? {
        let weight = model.weights.iter().find(|weight| weight.name == name);
        let weight = weight.ok_or_else(|| format!("the model has no `{name}`"))?;
        if name == "token_embd.weight" && tied {
            return Err(format!("it changes `{name}`, which is the model's output too"));
        }
        pair.fits(weight, name == "token_embd.weight")?;
    }
    Ok(())
}

/// Puts together what belongs together.
fn pairs(adapter: &Facts) -> Result<BTreeMap<&str, Pair<'_>>, String> {
    let mut pairs: BTreeMap<&str, Pair<'_>> = BTreeMap::new();
    for tensor in adapter.weights.iter() {
        if !MULTIPLIED.contains(&tensor.kind) {
            return Err(format!("`{}` holds numbers that nothing is multiplied by", tensor.name));
        }
        if let Some(name) = tensor.name.strip_suffix(".lora_a") {
            pairs.entry(name).or_default().into = Some(tensor);
        } else if let Some(name) = tensor.name.strip_suffix(".lora_b") {
            pairs.entry(name).or_default().out = Some(tensor);
        } else if !tensor.name.ends_with("_norm.weight") {
            return Err(format!("`{}` is nothing that an adapter holds", tensor.name));
        }
    }
    match pairs.iter().find(|(_, pair)| pair.into.is_none() || pair.out.is_none()) {
        Some((name, _)) => Err(format!("of the two parts for `{name}` one is missing")),
        None if pairs.is_empty() => Err("it changes nothing".to_owned()),
        None => Ok(pairs),
    }
}

impl Pair<'_> {
    fn fits(&self, weight: &Weight, embedding: bool) -> Result<(), String> {
        let (Some(into), Some(out)) = (self.into, self.out) else {
            return Err(format!("of the two parts for `{}` one is missing", weight.name));
        };
        let [into, out, whole] = [into, out, weight].map(shape);
        let narrow = if embedding { into[0] } else { into[1] };
        // An embedding is looked up instead of multiplied, so its first part lies across.
        let ends = if embedding {
            [into[1], out[1]] == [whole[1], whole[0]]
        } else {
            [into[0], out[1]] == [whole[0], whole[1]]
        };
        let experts = into[2..] == whole[2..] && out[2..] == whole[2..];
        if ends && experts && out[0] == narrow && narrow > 0 {
            return Ok(());
        }
        Err(format!("its parts for `{}` are made for another size", weight.name))
    }
}

/// Returns all four dimensions.
fn shape(weight: &Weight) -> [u64; 4] {
    std::array::from_fn(|at| weight.shape.get(at).copied().unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{gguf, shapes};

    fn facts(name: &str) -> Facts {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("made.gguf");
        match name.split_once('+') {
            Some((base, word)) => {
                shapes::write_adapter(&shapes::find(base).unwrap(), word, &path).unwrap();
            }
            None => shapes::write(&shapes::find(name).unwrap(), &path).unwrap(),
        }
        gguf::check(&path).unwrap()
    }

    #[test]
    fn an_adapter_fits_its_model_and_no_other() {
        for name in ["tiny-qwen3", "tiny-llama", "tiny-qwen3moe", "tiny-phi3", "tiny-qwen35"] {
            let adapter = facts(&format!("{name}+word"));
            assert_eq!(fits(&adapter, &facts(name)), Ok(()), "{name}");
        }
        let adapter = facts("tiny-qwen3+word");
        let other = fits(&adapter, &facts("tiny-llama")).unwrap_err();
        assert_eq!(other, "it is for qwen3 models, not llama");
        let mut larger = shapes::find("tiny-qwen3").unwrap();
        larger.width = 512;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("larger.gguf");
        shapes::write(&larger, &path).unwrap();
        let why = fits(&adapter, &gguf::check(&path).unwrap()).unwrap_err();
        assert!(why.contains("are made for another size"), "{why}");
        assert!(fits(&facts("tiny-qwen3"), &facts("tiny-qwen3")).is_err());
    }

    fn changed(change: impl FnOnce(&mut Vec<Weight>, &mut gguf::Adapter)) -> String {
        let mut adapter = facts("tiny-qwen3+word");
        let mut weights = adapter.weights.to_vec();
        change(&mut weights, adapter.adapter.as_mut().unwrap());
        adapter.weights = Arc::from(weights);
        fits(&adapter, &facts("tiny-qwen3")).unwrap_err()
    }

    #[test]
    fn what_would_end_the_process_is_refused_by_name() {
        let alone = changed(|weights, _| drop(weights.remove(0)));
        assert!(alone.contains("one is missing"), "{alone}");
        let integers = changed(|weights, _| weights[0].kind = 26);
        assert!(integers.contains("nothing is multiplied by"), "{integers}");
        let narrow = changed(|weights, _| weights[0].shape[1] += 1);
        assert!(narrow.contains("another size"), "{narrow}");
        let deep = changed(|weights, _| weights[0].shape.push(2));
        assert!(deep.contains("another size"), "{deep}");
        let output = changed(|weights, _| {
            for (weight, ending) in weights.iter_mut().zip(["a", "b"]) {
                weight.name = format!("token_embd.weight.lora_{ending}");
            }
        });
        assert!(output.contains("the model's output too"), "{output}");
        let kind = changed(|_, about| about.kind = Some("cvec".into()));
        assert!(kind.contains("\"cvec\""), "{kind}");
        let typed = changed(|_, about| about.wrong_type = Some("adapter.lora.alpha"));
        assert!(typed.contains("adapter.lora.alpha"), "{typed}");
        let invoked = changed(|_, about| about.invoked = true);
        assert!(invoked.contains("certain words"), "{invoked}");
        let nothing = changed(|weights, _| weights.clear());
        assert!(nothing.contains("changes nothing"), "{nothing}");
    }
}
