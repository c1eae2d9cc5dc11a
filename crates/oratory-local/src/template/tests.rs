//! The formats of the common families, written from their published shape.

mod reference;

use oratory_contract::{Call, Effort, Message, Role, Tool, ToolChoice, Tools};

use super::{Conversation, Opens, Rendered, Template, TemplateError};
use crate::speech::Shape;

const LLAMA3: &str = r"{{- bos_token }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' }}
    {{- message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
{%- endif %}";

const GEMMA: &str = r"{{ bos_token }}{% if messages[0]['role'] == 'system' %}
{{ raise_exception('System role not supported') }}{% endif %}
{% for message in messages %}
    {% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{ raise_exception('Conversation roles must alternate user/assistant/...') }}
    {% endif %}
    {% if message['role'] == 'assistant' %}{% set role = 'model' %}
    {% else %}{% set role = message['role'] %}{% endif %}
{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}
{%- endfor %}
{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}";

const MISTRAL: &str = r"{%- if messages[0]['role'] == 'system' %}
    {%- set system = messages[0]['content'] %}
    {%- set turns = messages[1:] %}
{%- else %}
    {%- set turns = messages %}
{%- endif %}
{{- bos_token }}
{%- for message in turns %}
    {%- if message['role'] == 'user' %}
        {%- if loop.last and system is defined %}
            {{- '[INST] ' + system + '\n\n' + message['content'] + '[/INST]' }}
        {%- else %}
            {{- '[INST] ' + message['content'] + '[/INST]' }}
        {%- endif %}
    {%- elif message['role'] == 'assistant' %}
        {{- ' ' + message['content'].strip() + eos_token }}
    {%- endif %}
{%- endfor %}";

fn say(role: Role, content: &str) -> Message {
    Message::new(role, content)
}

fn talk() -> Vec<Message> {
    vec![
        say(Role::System, "Be brief."),
        say(Role::User, " Hi "),
        say(Role::Assistant, "Hello. "),
        say(Role::User, "Bye"),
    ]
}

fn render(source: &str, messages: &[Message]) -> Result<String, TemplateError> {
    let tools = Tools::default();
    let asked = asked(messages, &tools);
    template(source).render(&asked).map(|rendered| rendered.prompt)
}

fn template(source: &str) -> Template {
    Template::new(Some(source.to_owned()), "<s>".into(), "</s>".into())
}

fn asked<'a>(messages: &'a [Message], tools: &'a Tools) -> Conversation<'a> {
    Conversation { messages, tools, effort: None, now: 1_795_262_400 }
}

fn family(name: &str) -> Template {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/templates");
    template(&std::fs::read_to_string(format!("{folder}/{name}.jinja")).unwrap())
}

fn weather() -> Tools {
    let tool = Tool {
        name: "weather".into(),
        description: Some("Tells the weather.".into()),
        parameters: r#"{"type": "object", "properties": {"city": {"type": "string"}}}"#.into(),
        strict: false,
    };
    Tools { offered: vec![tool], ..Tools::default() }
}

fn called() -> Vec<Message> {
    let call = Call {
        id: "call_0123456789abcdef".into(),
        name: "weather".into(),
        arguments: r#"{"city":"Ulm"}"#.into(),
    };
    vec![
        say(Role::User, "Weather?"),
        Message { calls: vec![call], ..say(Role::Assistant, "") },
        Message { answers: Some("call_0123456789abcdef".into()), ..say(Role::Tool, "rain") },
    ]
}

#[test]
fn a_model_without_a_template_gets_chatml() {
    let tools = Tools::default();
    let rendered = Template::default().render(&asked(&talk(), &tools)).unwrap();
    assert_eq!(
        rendered.prompt,
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n Hi <|im_end|>\n\
         <|im_start|>assistant\nHello. <|im_end|>\n<|im_start|>user\nBye<|im_end|>\n\
         <|im_start|>assistant\n"
    );
}

#[test]
fn llama_3() {
    let head = |role: &str| format!("<|start_header_id|>{role}<|end_header_id|>\n\n");
    let expected = format!(
        "<s>{}Be brief.<|eot_id|>{}Hi<|eot_id|>{}Hello.<|eot_id|>{}Bye<|eot_id|>{}",
        head("system"),
        head("user"),
        head("assistant"),
        head("user"),
        head("assistant"),
    );
    assert_eq!(render(LLAMA3, &talk()).unwrap(), expected);
}

#[test]
fn gemma_gets_the_system_text_with_the_first_question() {
    assert_eq!(
        render(GEMMA, &talk()).unwrap(),
        "<s><start_of_turn>user\nBe brief.\n\n Hi<end_of_turn>\n<start_of_turn>model\n\
         Hello.<end_of_turn>\n<start_of_turn>user\nBye<end_of_turn>\n<start_of_turn>model\n"
    );
}

#[test]
fn mistral_uses_python_methods_and_slices() {
    assert_eq!(
        render(MISTRAL, &talk()).unwrap(),
        "<s>[INST]  Hi [/INST] Hello.</s>[INST] Be brief.\n\nBye[/INST]"
    );
}

#[test]
fn a_refusal_is_told_in_the_templates_own_words() {
    let twice = [say(Role::User, "a"), say(Role::User, "b")];
    let error = render(GEMMA, &twice).unwrap_err();
    assert!(matches!(&error, TemplateError::Refused(why) if why.contains("must alternate")));
}

#[test]
fn a_template_that_loops_for_ever_is_stopped() {
    let source = "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}";
    let error = render(source, &talk()).unwrap_err();
    assert!(matches!(&error, TemplateError::Broken(why) if why.contains("steps")), "{error}");
}

#[test]
fn a_template_that_copies_without_end_is_given_up_soon_and_not_waited_for_again() {
    let source = "{% set n = namespace(x = 'x' * 90000000) %}{% for a in range(99999) %}\
        {% set n.y = n.x ~ a %}{% endfor %}";
    let began = std::time::Instant::now();
    let template = Template::new(Some(source.to_owned()), String::new(), String::new());
    for _ in 0..3 {
        let messages = [say(Role::User, "Hi")];
        let tools = Tools::default();
        let asked = Conversation { messages: &messages, tools: &tools, effort: None, now: 0 };
        let error = template.render(&asked).unwrap_err();
        assert!(error.to_string().contains("over 3 s"), "{error}");
    }
    assert!(began.elapsed() < std::time::Duration::from_secs(8), "{:?}", began.elapsed());
}

#[test]
fn json_is_written_as_python_writes_it() {
    let source = "{{ {'a': [1, '<b>'], 'c': none} | tojson }}";
    assert_eq!(render(source, &[]).unwrap(), r#"{"a": [1, "<b>"], "c": null}"#);
}

#[test]
fn loop_controls_and_the_clock_work() {
    let source = "{% for m in messages %}{% if m.role == 'assistant' %}{% break %}{% endif %}\
        {{ m.content }}{% endfor %}{{ strftime_now('%Y') | int > 2000 }}";
    assert_eq!(render(source, &talk()).unwrap(), "Be brief. Hi True");
}

#[test]
fn a_template_that_writes_without_end_is_stopped() {
    let source = "{% set ns = namespace(t='0123456789abcdef') %}\
        {% for a in range(18) %}{% set ns.t = ns.t + ns.t %}{% endfor %}\
        {% for a in range(99) %}{{ ns.t }}{% endfor %}";
    let error = render(source, &talk()).unwrap_err();
    assert!(matches!(&error, TemplateError::Broken(why) if why.contains("bytes")), "{error}");
    let error = render(&" ".repeat(2 << 20), &talk()).unwrap_err();
    assert!(matches!(&error, TemplateError::Broken(why) if why.contains("bytes")), "{error}");
}

#[test]
fn a_template_that_does_not_parse_says_where() {
    let error = render("a\n{% if %}", &talk()).unwrap_err();
    assert!(matches!(&error, TemplateError::Broken(why) if why.contains("chat:2")), "{error}");
}

#[test]
fn tools_reach_a_model_whose_template_knows_none() {
    let rendered = family("gemma3").render(&asked(&called(), &weather())).unwrap();
    assert_eq!(
        rendered.prompt,
        "<s><start_of_turn>user\nYou can call tools. If one of them helps, call it; if not, just \
         answer. These are the tools, one JSON object per line:\n<tools>\n{\"type\": \
         \"function\", \"function\": {\"name\": \"weather\", \"description\": \"Tells the \
         weather.\", \"parameters\": {\"type\": \"object\", \"properties\": {\"city\": \
         {\"type\": \"string\"}}}}}\n</tools>\n\nTo call a tool, write one JSON object with its \
         name and its arguments, like this:\n<tool_call>\n{\"name\": \"the tool's name\", \
         \"arguments\": {\"key\": \"value\"}}\n</tool_call>\nWrite one such block for each call \
         and nothing after the last; the results come with the next message.\n\nWeather?\
         <end_of_turn>\n<start_of_turn>model\n<tool_call>\n{\"name\": \"weather\", \
         \"arguments\": {\"city\": \"Ulm\"}}\n</tool_call><end_of_turn>\n<start_of_turn>user\n\
         <tool_response>\nrain\n</tool_response><end_of_turn>\n<start_of_turn>model\n"
    );
    assert_eq!(family("gemma3").style().shape, Shape::Object);
}

#[test]
fn tools_that_must_not_be_called_are_not_shown() {
    let tools = Tools { choice: ToolChoice::None, ..weather() };
    for name in ["qwen3", "gemma3", "gpt-oss"] {
        let rendered = family(name).render(&asked(&talk(), &tools)).unwrap();
        assert!(!rendered.prompt.contains("weather"), "{name}");
    }
}

#[test]
fn calls_reach_templates_in_the_form_they_want() {
    // Nine letters for an id, arguments as text, and one that takes what it is given.
    for (name, shown) in [
        ("mistral", r#"{"name": "weather", "arguments": {"city": "Ulm"}, "id": "call00000"}"#),
        ("deepseek-v3", "function<｜tool▁sep｜>weather\n```json\n{\"city\": \"Ulm\"}\n```"),
        ("kimi-k2", "call_0123456789abcdef<|tool_call_argument_begin|>{\"city\": \"Ulm\"}"),
    ] {
        let rendered = family(name).render(&asked(&called(), &weather())).unwrap();
        assert!(rendered.prompt.contains(shown), "{name}: {}", rendered.prompt);
    }
}

#[test]
fn a_prompt_says_whether_it_opens_thinking() {
    let opens = |name: &str, effort| {
        let tools = Tools::default();
        let messages = [say(Role::User, "Hi")];
        let asked = Conversation { effort, ..asked(&messages, &tools) };
        family(name).render(&asked).unwrap().opens
    };
    assert_eq!(opens("qwen-coder", None), Opens::Thinking);
    assert_eq!(opens("qwen-coder", Some(Effort::Off)), Opens::Answer);
    assert_eq!(opens("qwen3", Some(Effort::High)), Opens::Answer);
    assert_eq!(opens("deepseek-v31", Some(Effort::High)), Opens::Thinking);
    assert_eq!(opens("deepseek-v31", None), Opens::Answer);
    assert_eq!(opens("gpt-oss", Some(Effort::High)), Opens::Answer);
}

#[test]
fn an_effort_becomes_a_word_the_template_takes() {
    let source = "{% if reasoning_effort is defined %}{% if reasoning_effort not in \
        ['none', 'high'] %}{{ raise_exception('none or high') }}{% endif %}\
        {{ reasoning_effort }}{% endif %}";
    let word = |effort| {
        let tools = Tools::default();
        let asked = Conversation { effort: Some(effort), ..asked(&[], &tools) };
        template(source).render(&asked).unwrap().prompt
    };
    assert_eq!([Effort::Off, Effort::Low, Effort::Medium].map(word), ["none", "high", "high"]);
    let tools = Tools::default();
    let off = Conversation { effort: Some(Effort::Off), ..asked(&[], &tools) };
    let messages = [say(Role::User, "Hi")];
    let off = Conversation { messages: &messages, ..off };
    let Rendered { prompt, .. } = family("gpt-oss").render(&off).unwrap();
    assert!(prompt.contains("Reasoning: low"), "{prompt}");
}

#[test]
fn thinking_that_was_sent_back_as_text_is_still_thinking() {
    let messages = [
        say(Role::User, "2 + 2?"),
        say(Role::Assistant, "<think>\nTwo and two.\n</think>\n\n4"),
        say(Role::User, "Times 3?"),
    ];
    let told = Message { thinking: Some("Two and two.".into()), ..say(Role::Assistant, "4") };
    let apart = [messages[0].clone(), told, messages[2].clone()];
    let tools = Tools::default();
    for name in ["qwen3", "glm4", "minimax-m2"] {
        let of = |messages: &[Message]| family(name).render(&asked(messages, &tools)).unwrap();
        assert_eq!(of(&messages), of(&apart), "{name}");
    }
}
