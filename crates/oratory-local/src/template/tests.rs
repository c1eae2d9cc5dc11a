//! The formats of the common families, written from their published shape.

use oratory_contract::{Message, Role};

use super::{Template, TemplateError};

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
    Template::new(Some(source.to_owned()), "<s>".into(), "</s>".into()).render(messages)
}

#[test]
fn a_model_without_a_template_gets_chatml() {
    let prompt = Template::default().render(&talk()).unwrap();
    assert_eq!(
        prompt,
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
