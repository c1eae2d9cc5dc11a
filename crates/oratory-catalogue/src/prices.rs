//! What cloud models cost.

use std::collections::HashMap;
use std::sync::LazyLock;

use oratory_contract::Money;
use serde::Serialize;

use crate::fact::rows;

/// What a model costs, for a million tokens each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Price {
    /// Tokens of the prompt.
    pub input: Money,
    /// Tokens written, thinking included.
    pub output: Money,
    /// Tokens of the prompt that the place still had; as others where it makes no difference.
    pub cached: Money,
    /// The dearer price of long prompts, and what is long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long: Option<Long>,
}

/// What long prompts cost, and all that is written after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Long {
    /// The tokens above which a prompt is long.
    pub above: u64,
    /// Tokens of the prompt.
    pub input: Money,
    /// Tokens written.
    pub output: Money,
    /// Tokens of the prompt that the place still had.
    pub cached: Money,
}

/// Tokens to be paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Tokens of the prompt, cached ones included.
    pub input: u64,
    /// Of these, tokens that the place still had.
    pub cached: u64,
    /// Tokens written, thinking included.
    pub output: u64,
}

impl Price {
    /// Returns a price with no difference for long prompts or cached tokens.
    pub fn flat(input: Money, output: Money) -> Self {
        Self { input, output, cached: input, long: None }
    }

    /// Returns what these tokens cost.
    pub fn of(&self, tokens: Tokens) -> Money {
        let (input, output, cached) = match self.long {
            Some(long) if tokens.input > long.above => (long.input, long.output, long.cached),
            _ => (self.input, self.output, self.cached),
        };
        let known = tokens.cached.min(tokens.input);
        input.for_million(tokens.input - known)
            + cached.for_million(known)
            + output.for_million(tokens.output)
    }
}

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
    fn hosts_are_known_whole() {
        assert_eq!(provider("api.openai.com"), Some("openai"));
        assert_eq!(provider("bedrock-runtime.eu-central-1.amazonaws.com"), Some("amazon-bedrock"));
        assert_eq!(provider("evilapi.openai.com.example"), None);
        assert_eq!(provider("notapi.openai.com"), None);
    }
}
