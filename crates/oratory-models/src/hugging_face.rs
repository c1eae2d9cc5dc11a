//! Hugging Face: from a repository to the files worth fetching.
//!
//! Files are fetched at the commit that was listed, so that nothing changes on the way.

mod choice;
mod listing;

use serde::Deserialize;
use serde_json::Value;

use crate::index::Origin;
use crate::plan::{Part, Plan, file_of};
use crate::reference::Pick;
use crate::telling::Tell;
use crate::web::{Question, Tries, escaped, host, json};
use crate::{Models, ModelsError};
use choice::Candidate;
use listing::Listed;

/// What a repository says about itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Info {
    sha: Option<String>,
    card_data: Value,
    tags: Vec<String>,
}

/// Returns what to fetch for a repository.
pub(crate) async fn plan(
    models: &Models,
    repo: &str,
    revision: &str,
    pick: &Pick,
    tell: Tell<'_>,
) -> Result<Plan, ModelsError> {
    let endpoint = models.config.hugging_face.trim_end_matches('/');
    let info = info(models, endpoint, repo, revision, tell).await?;
    let commit = info.sha.clone().filter(|sha| sha.chars().all(|c| c.is_ascii_alphanumeric()));
    let commit = commit.unwrap_or_else(|| revision.to_owned());
    let files = listing::fetch(models, endpoint, repo, &commit, tell).await?;
    let chosen = choice::choose(repo, &files, pick, models.config.memory)?;
    let projector = choice::projector(&files);
    let (owner, base) = repo.split_once('/').unwrap_or(("", repo));
    let base = without_gguf(base);
    let name = choice::name(&chosen, base);
    let total = chosen.parts.len();
    let part = |file: &Listed, name: String| Part {
        url: format!("{endpoint}/{repo}/resolve/{commit}/{}", escaped(&file.path)),
        file: name,
        size: Some(file.size),
        sha256: file.sha256.clone(),
    };
    let Candidate { parts, .. } = &chosen;
    let parts = parts
        .iter()
        .enumerate()
        .map(|(at, file)| part(file, file_of(&name, at + 1, total)))
        .collect();
    // Publishers of the same model call it the same, and theirs may differ.
    let whose = format!("{base}-{owner}");
    let projector = projector.map(|file| part(file, choice::projector_name(file, &whose)));
    let plan = Plan {
        owner: owner.to_owned(),
        origin: Origin::HuggingFace { repo: repo.to_owned(), revision: commit.clone() },
        licence: licence(&info),
        parts,
        projector,
        beside: None,
        with_token: true,
        name,
    };
    plan.checked()
}

async fn info(
    models: &Models,
    endpoint: &str,
    repo: &str,
    revision: &str,
    tell: Tell<'_>,
) -> Result<Info, ModelsError> {
    let mut url = format!("{endpoint}/api/models/{repo}");
    if revision != "main" {
        url.push_str(&format!("/revision/{}", escaped(revision)));
    }
    let body = get(models, repo, &url, tell).await?.1;
    json(&url, &body)
}

/// Fetches a document about a repository, and says in words why there is none.
async fn get(
    models: &Models,
    repo: &str,
    url: &str,
    tell: Tell<'_>,
) -> Result<(http::HeaderMap, bytes::Bytes), ModelsError> {
    let mut tries = Tries::new(repo, url, models.config.patience, tell);
    let question = Question::new(url, models.config.token.as_ref());
    models.web.document(&question, &mut tries).await.map_err(|error| match error {
        ModelsError::Status { status: 401 | 404, .. } => ModelsError::Unknown {
            what: format!("there is no {repo} on {}, or it is private", host(url)),
            hint: format!(
                "check the name; if it is private, {}",
                give_a_token(models.config.token.is_some())
            ),
        },
        other => refused(models, repo, other),
    })
}

/// Says in words why files of a repository are not given out.
pub(crate) fn refused(models: &Models, repo: &str, error: ModelsError) -> ModelsError {
    let ModelsError::Status { status: 401 | 403, host, .. } = &error else { return error };
    let token = models.config.token.is_some();
    let why = if token {
        "the token that was shown may not read it".to_owned()
    } else {
        format!("{host} wants to know who asks")
    };
    ModelsError::Gated {
        repo: repo.to_owned(),
        why,
        hint: format!("accept its terms at https://{host}/{repo}, then {}", give_a_token(token)),
    }
}

fn give_a_token(given: bool) -> &'static str {
    if given {
        "use a token of the account that may read it"
    } else {
        "set HF_TOKEN to an access token, or log in with `hf auth login`"
    }
}

/// Returns the licence as the repository names it.
fn licence(info: &Info) -> Option<String> {
    let card = &info.card_data;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let named = text(&card["license"]).or_else(|| text(&card["license"][0]));
    let tagged =
        || info.tags.iter().find_map(|tag| tag.strip_prefix("license:")).map(str::to_owned);
    let licence = named.or_else(tagged)?;
    let link = text(&card["license_link"]).map(|link| format!(" ({link})")).unwrap_or_default();
    let licence = match licence.as_str() {
        "other" => text(&card["license_name"]).unwrap_or(licence) + &link,
        _ => licence,
    };
    Some(one_line(&licence))
}

/// Text from elsewhere that is shown on a terminal: one line, nothing that moves the cursor.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

fn without_gguf(name: &str) -> &str {
    let lower = name.to_ascii_lowercase();
    let ending = ["-gguf", "_gguf", ".gguf"].iter().find(|ending| lower.ends_with(*ending));
    ending.map_or(name, |ending| &name[..name.len() - ending.len()])
}
