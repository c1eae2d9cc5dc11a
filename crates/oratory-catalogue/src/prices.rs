//! What cloud models cost.

use std::collections::HashMap;
use std::sync::LazyLock;

use oratory_contract::{Long, Money, Price};

use crate::fact::rows;
use crate::models::Model;
use crate::names::parts;

type Table = HashMap<(&'static str, &'static str), Price>;

static PRICES: LazyLock<Table> = LazyLock::new(|| {
    let rows = rows(include_str!("../data/prices.csv"));
    rows.map(|row| read(row).expect("the table is checked by a test")).collect()
});

fn read(row: &'static str) -> Option<((&'static str, &'static str), Price)> {
    let cells: Vec<&'static str> = row.split(',').collect();
    let &[
        provider,
        model,
        input,
        output,
        cached,
        _write,
        _context,
        _most,
        above,
        long_input,
        long_output,
        long_cached,
        _source,
    ] = &cells[..]
    else {
        return None;
    };
    let money = |text: &str, otherwise: Option<Money>| match text {
        "" => otherwise,
        text => text.parse().ok(),
    };
    let (input, output) = (money(input, None)?, money(output, None)?);
    let long = match above {
        "" => None,
        above => {
            let input = money(long_input, Some(input))?;
            let output = money(long_output, Some(output))?;
            Some(Long {
                above: above.parse().ok()?,
                input,
                output,
                cached: money(long_cached, Some(input))?,
            })
        }
    };
    Some(((provider, model), Price { input, output, cached: money(cached, Some(input))?, long }))
}

/// Returns what a provider takes for a model, if the table has it.
pub fn price(provider: &str, model: &str) -> Option<Price> {
    let found = |model: &str| PRICES.get(&(provider, model) as &(&str, &str)).copied();
    found(model).or_else(|| found(&model.to_lowercase())).or_else(|| {
        // `openai/gpt-5.4` at a place that has one maker's models alone.
        model.rsplit_once('/').and_then(|(_, bare)| found(bare))
    })
}

/// A model in the table, by the parts of its name.
struct Named {
    provider: &'static str,
    parts: Vec<String>,
    price: Price,
}

static NAMED: LazyLock<Vec<Named>> = LazyLock::new(|| {
    let named = PRICES.iter().map(|((provider, model), price)| Named {
        provider,
        parts: parts(model),
        price: *price,
    });
    named.collect()
});

/// Returns the least that anybody in the table takes for a model, and who does.
pub fn cheapest(model: &Model) -> Option<(&'static str, Price)> {
    let asks = |named: &&Named| named.price != Price::FREE && model.is_meant_by(&named.parts);
    let all = |named: &&Named| (named.price.input + named.price.output, named.provider);
    NAMED.iter().filter(asks).min_by_key(all).map(|named| (named.provider, named.price))
}

/// Hosts whose prices the table has, by their endings.
const HOSTS: [(&str, &str); 25] = [
    ("api.openai.com", "openai"),
    ("api.anthropic.com", "anthropic"),
    ("generativelanguage.googleapis.com", "google"),
    ("amazonaws.com", "amazon-bedrock"),
    ("openai.azure.com", "azure"),
    ("cognitiveservices.azure.com", "azure"),
    ("services.ai.azure.com", "azure"),
    ("api.mistral.ai", "mistral"),
    ("api.groq.com", "groq"),
    ("api.together.xyz", "togetherai"),
    ("api.together.ai", "togetherai"),
    ("api.deepseek.com", "deepseek"),
    ("api.x.ai", "xai"),
    ("openrouter.ai", "openrouter"),
    ("api.fireworks.ai", "fireworks-ai"),
    ("api.deepinfra.com", "deepinfra"),
    ("api.cerebras.ai", "cerebras"),
    ("api.moonshot.ai", "moonshotai"),
    ("api.z.ai", "zai"),
    ("api.minimax.io", "minimax"),
    ("dashscope-intl.aliyuncs.com", "alibaba"),
    ("api.stepfun.com", "stepfun"),
    ("api.cohere.com", "cohere"),
    ("api.perplexity.ai", "perplexity"),
    ("integrate.api.nvidia.com", "nvidia"),
];

/// Returns the provider behind a host, by the table's name for it.
pub fn provider(host: &str) -> Option<&'static str> {
    let is = |known: &str| {
        host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    HOSTS.iter().find(|(known, _)| is(known)).map(|(_, provider)| *provider)
}

#[cfg(test)]
mod tests {
    use oratory_contract::Tokens;

    use super::*;

    #[test]
    fn every_row_is_read() {
        assert!(PRICES.len() > 1200);
        for (_, provider) in HOSTS {
            assert!(PRICES.keys().any(|(name, _)| *name == provider), "{provider}");
        }
    }

    #[test]
    fn tokens_cost_what_the_table_says() {
        let price = price("anthropic", "claude-opus-4-5").unwrap();
        let tokens = Tokens { input: 1_000_000, cached: 400_000, output: 100_000 };
        // 0.6 million at 5, 0.4 at 0.5, 0.1 at 25.
        assert_eq!(price.of(tokens), "5.7".parse().unwrap());
        assert_eq!(price.of(Tokens::default()), Money::NONE);
        // More cached than there is cannot make it cheaper than all of it cached.
        let odd = Tokens { input: 10, cached: 20, output: 0 };
        assert_eq!(price.of(odd), price.cached.for_million(10));
    }

    #[test]
    fn long_prompts_cost_more_where_the_table_says_so() {
        let (_, price) = PRICES.iter().find(|(_, price)| price.long.is_some()).unwrap();
        let long = price.long.unwrap();
        let at = |input| price.of(Tokens { input, ..Tokens::default() });
        assert_eq!(at(long.above), price.input.for_million(long.above));
        assert_eq!(at(long.above + 1), long.input.for_million(long.above + 1));
    }

    #[test]
    fn the_cheapest_offer_is_of_that_very_model() {
        let of = |name: &str| cheapest(crate::model(name).unwrap());
        let (provider, price) = of("gpt-oss-20b").expect("several offer it");
        assert!(price.input > Money::NONE && price.output >= price.input, "{provider} {price:?}");
        let (_, larger) = of("gpt-oss-120b").expect("several offer it");
        assert!(larger.input >= price.input, "{larger:?}");
    }

    #[test]
    fn hosts_are_known_whole() {
        assert_eq!(provider("api.openai.com"), Some("openai"));
        assert_eq!(provider("bedrock-runtime.eu-central-1.amazonaws.com"), Some("amazon-bedrock"));
        assert_eq!(provider("evilapi.openai.com.example"), None);
        assert_eq!(provider("notapi.openai.com"), None);
    }
}
