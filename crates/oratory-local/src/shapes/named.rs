//! Shapes by name: tiny ones of every family, and the sizes of well-known models.
//!
//! `NAME@LAYERS` cuts a shape, `NAME:MIX` stores it differently.

use super::{Experts, Family, Latent, Mix, Reads, Recurrent, Shape};
use Family::{
    Bert, DeepSeek2, Gemma3, Gemma3n, GptOss, Llama, NomicBert, Phi3, Qwen3, Qwen3Moe, Qwen3Next,
    Qwen35,
};

/// Layers, width, heads, heads of keys and values, width of a head, feed-forward width.
type Sizes = [u32; 6];

/// Every shape: name, family, sizes, vocabulary, context, whether embedding and output are one.
const TABLE: [(&str, Family, Sizes, u32, u32, bool); 37] = [
    ("tiny-llama", Llama, [2, 256, 4, 2, 64, 512], 1024, 4096, false),
    ("tiny-mistral", Llama, [2, 256, 8, 2, 32, 768], 1024, 8192, false),
    ("tiny-qwen3", Qwen3, [2, 256, 4, 2, 64, 512], 1024, 4096, true),
    ("tiny-qwen3moe", Qwen3Moe, [2, 256, 4, 2, 64, 512], 1024, 4096, false),
    ("tiny-qwen35", Qwen35, [4, 256, 4, 2, 64, 512], 1024, 4096, true),
    ("tiny-qwen35-ahead", Qwen35, [4, 256, 4, 2, 64, 512], 1024, 4096, true),
    ("tiny-qwen3next", Qwen3Next, [4, 256, 4, 2, 64, 512], 1024, 4096, false),
    ("tiny-gemma3", Gemma3, [6, 256, 4, 1, 64, 512], 1024, 4096, true),
    ("tiny-gemma3n", Gemma3n, [22, 128, 2, 1, 64, 256], 512, 4096, true),
    ("tiny-gpt-oss", GptOss, [2, 256, 4, 2, 64, 256], 1024, 4096, false),
    ("tiny-deepseek2", DeepSeek2, [3, 256, 4, 1, 64, 512], 1024, 4096, false),
    ("tiny-phi3", Phi3, [2, 256, 4, 4, 64, 512], 1024, 4096, false),
    ("tiny-bert", Bert, [2, 256, 4, 4, 64, 512], 1024, 512, true),
    ("tiny-nomic-bert", NomicBert, [2, 256, 4, 4, 64, 512], 1024, 2048, true),
    ("tiny-bert-reranker", Bert, [2, 256, 4, 4, 64, 512], 1024, 512, true),
    ("tiny-qwen3-reranker", Qwen3, [2, 256, 4, 2, 64, 512], 1024, 4096, true),
    ("tiny-qwen3-embedding", Qwen3, [2, 256, 4, 2, 64, 512], 1024, 4096, true),
    ("llama-3.2-1b", Llama, [16, 2048, 32, 8, 64, 8192], 128_256, 131_072, true),
    ("llama-3.1-8b", Llama, [32, 4096, 32, 8, 128, 14_336], 128_256, 131_072, false),
    ("mistral-7b", Llama, [32, 4096, 32, 8, 128, 14_336], 32_768, 32_768, false),
    ("qwen3-0.6b", Qwen3, [28, 1024, 16, 8, 128, 3072], 151_936, 40_960, true),
    ("qwen3-4b", Qwen3, [36, 2560, 32, 8, 128, 9728], 151_936, 40_960, true),
    ("qwen3-30b-a3b", Qwen3Moe, [48, 2048, 32, 4, 128, 6144], 151_936, 40_960, false),
    ("qwen3.5-0.8b", Qwen35, [24, 1024, 8, 2, 256, 3584], 248_320, 262_144, true),
    ("qwen3.5-0.8b-ahead", Qwen35, [24, 1024, 8, 2, 256, 3584], 248_320, 262_144, true),
    ("qwen3.5-4b", Qwen35, [32, 2560, 16, 4, 256, 9216], 248_320, 262_144, true),
    ("qwen3-next-80b-a3b", Qwen3Next, [48, 2048, 16, 2, 256, 5120], 151_936, 262_144, false),
    ("gemma3-1b", Gemma3, [26, 1152, 4, 1, 256, 6912], 262_144, 32_768, true),
    ("gemma3-4b", Gemma3, [34, 2560, 8, 4, 256, 10_240], 262_208, 131_072, true),
    ("gemma3n-e2b", Gemma3n, [30, 2048, 8, 2, 256, 8192], 262_144, 32_768, true),
    ("gpt-oss-20b", GptOss, [24, 2880, 64, 8, 64, 2880], 201_088, 131_072, false),
    ("deepseek-v2-lite", DeepSeek2, [27, 2048, 16, 1, 128, 10_944], 102_400, 163_840, false),
    ("phi3-mini", Phi3, [32, 3072, 32, 32, 96, 8192], 32_064, 4096, false),
    ("bge-small", Bert, [12, 384, 12, 12, 32, 1536], 30_522, 512, true),
    ("nomic-embed", NomicBert, [12, 768, 12, 12, 64, 3072], 30_522, 2048, true),
    ("qwen3-embedding-0.6b", Qwen3, [28, 1024, 16, 8, 128, 3072], 151_669, 32_768, true),
    ("qwen3-reranker-0.6b", Qwen3, [28, 1024, 16, 8, 128, 3072], 151_936, 40_960, true),
];

/// Returns every name.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, ..)| *name)
}

/// Returns the shape with this name, cut and stored as the name asks; `None` if there is none.
pub fn find(name: &str) -> Option<Shape> {
    let (rest, mix) = match name.split_once(':') {
        Some((rest, wanted)) => (rest, Some(mix(wanted)?)),
        None => (name, None),
    };
    let (base, layers) = match rest.split_once('@') {
        Some((base, layers)) => (base, Some(layers.parse().ok()?)),
        None => (rest, None),
    };
    let mut shape = TABLE.iter().find(|(known, ..)| *known == base).map(shape)?;
    name.clone_into(&mut shape.name);
    shape.mix = mix.unwrap_or(shape.mix);
    if let Some(layers) = layers {
        shape.layers = Some(layers).filter(|layers| (1..=shape.layers).contains(layers))?;
    }
    Some(shape)
}

fn mix(name: &str) -> Option<Mix> {
    Mix::ALL.into_iter().find(|mix| mix.name().eq_ignore_ascii_case(name))
}

fn shape(row: &(&str, Family, Sizes, u32, u32, bool)) -> Shape {
    let (name, family, sizes, vocabulary, context, tied) = *row;
    let [layers, width, heads, heads_kv, head, feed_forward] = sizes;
    let tiny = name.starts_with("tiny-");
    Shape {
        name: name.to_owned(),
        family,
        layers,
        width,
        heads,
        heads_kv,
        head,
        feed_forward,
        experts: experts(name),
        latent: latent(tiny),
        recurrent: recurrent(name),
        window: window(name),
        context,
        vocabulary,
        tied,
        ahead: u32::from(name.ends_with("-ahead")),
        reads: match name {
            name if name.contains("reranker") => Reads::Ranks,
            name if name.contains("embedding") || family.encodes() => Reads::Embeds,
            _ => Reads::No,
        },
        mix: match family {
            GptOss => Mix::Mxfp4,
            Bert | NomicBert => Mix::F16,
            _ => Mix::Q4KM,
        },
        seed: 1,
    }
}

fn experts(name: &str) -> Experts {
    let (count, used, feed_forward, shared, dense_layers) = match name {
        "tiny-qwen3moe" => (8, 2, 256, 0, 0),
        "tiny-qwen3next" => (8, 2, 256, 1, 0),
        "tiny-gpt-oss" => (4, 2, 256, 0, 0),
        "tiny-deepseek2" => (8, 2, 256, 1, 1),
        "qwen3-30b-a3b" => (128, 8, 768, 0, 0),
        "qwen3-next-80b-a3b" => (512, 10, 512, 1, 0),
        "gpt-oss-20b" => (32, 4, 2880, 0, 0),
        "deepseek-v2-lite" => (64, 6, 1408, 2, 1),
        _ => (0, 0, 0, 0, 0),
    };
    Experts { count, used, feed_forward, shared, dense_layers }
}

fn latent(tiny: bool) -> Latent {
    if tiny {
        Latent { query: 128, rank: 128, rotated: 32 }
    } else {
        Latent { query: 0, rank: 512, rotated: 64 }
    }
}

fn recurrent(name: &str) -> Recurrent {
    let (state, key_heads, value_heads) = match name {
        "qwen3.5-0.8b" | "qwen3.5-0.8b-ahead" => (128, 16, 16),
        "qwen3.5-4b" | "qwen3-next-80b-a3b" => (128, 16, 32),
        _ => (64, 2, 4),
    };
    Recurrent { state, key_heads, value_heads }
}

fn window(name: &str) -> u32 {
    match name {
        "gemma3-4b" => 1024,
        "gemma3-1b" | "gemma3n-e2b" => 512,
        "gpt-oss-20b" => 128,
        _ => 64,
    }
}
