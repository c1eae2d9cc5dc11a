//! Answers in each family's way, and what they mean.
//!
//! A template is a file of `tests/templates`, or the words that tell the family.

use super::Said;
use crate::template::Opens;

pub(super) struct Case {
    pub(super) template: &'static str,
    pub(super) opens: Opens,
    pub(super) written: &'static str,
    pub(super) meant: Said,
}

const ULM: &str = r#"{"city": "Ulm"}"#;

fn case(template: &'static str, written: &'static str) -> Case {
    Case { template, opens: Opens::Answer, written, meant: Said::default() }
}

impl Case {
    fn opened(self) -> Self {
        Self { opens: Opens::Thinking, ..self }
    }

    fn text(mut self, text: &str) -> Self {
        self.meant.text = text.to_owned();
        self
    }

    fn thinking(mut self, text: &str) -> Self {
        self.meant.thinking = text.to_owned();
        self
    }

    fn call(mut self, name: &str, arguments: &str) -> Self {
        self.meant.calls.push((name.to_owned(), arguments.to_owned(), true));
        self
    }

    fn cut_off(mut self, name: &str, arguments: &str) -> Self {
        self.meant.calls.push((name.to_owned(), arguments.to_owned(), false));
        self
    }
}

pub(super) fn cases() -> Vec<Case> {
    [thinking(), hermes(), tagged(), listed(), separated(), harmony(), noted()]
        .into_iter()
        .flatten()
        .collect()
}

fn thinking() -> Vec<Case> {
    vec![
        case("qwen3", "Hello, 世界!\n\n").text("Hello, 世界!\n\n"),
        case("qwen3", "<think>\nWell.\nYes.\n</think>\n\nHello")
            .thinking("Well.\nYes.")
            .text("Hello"),
        case("qwen3", "Well.\n</think>\n\nHello").opened().thinking("Well.").text("Hello"),
        case("qwen3", "Well, no end").opened().thinking("Well, no end"),
        case("qwen3", "Well.\n</think>\n\nHello").text("Well.\nHello"),
        case("qwen3", "Write <think> to think.").text("Write <think> to think."),
        case("qwen3", "<think>a</think>b </think> c").thinking("a").text("b </think> c"),
        case("ministral", "[THINK]So.[/THINK]Yes").thinking("So.").text("Yes"),
        case("gemma4", "<|channel>thought\nSo.\n<channel|>Yes").thinking("So.").text("Yes"),
        case(
            "command-r",
            "<|START_THINKING|>So.<|END_THINKING|><|START_RESPONSE|>Yes<|END_RESPONSE|>",
        )
        .thinking("So.")
        .text("Yes"),
    ]
}

fn hermes() -> Vec<Case> {
    vec![
        case("qwen3", "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Ulm\"}}\n</tool_call>")
            .call("weather", ULM),
        case("qwen3", "<think>a</think>\n\nLook: <tool_call>{\"arguments\": {\"city\": \"Ulm\"}, \"name\": \"weather\"}</tool_call>\n")
            .thinking("a")
            .text("Look: ")
            .call("weather", r#"{"city":"Ulm"}"#),
        case("qwen3", "<tool_call>{\"name\": \"a\", \"arguments\": {\"x\": \"}</tool_call>{\", \"y\": {\"z\": [\"\\\"]\"]}}}</tool_call>\n<tool_call>\n{\"name\": \"unknown_one\"}\n</tool_call>\n<tool_call>{\"name\": \"b\", \"arguments\": \"{\\\"q\\\": 1}\"}</tool_call>")
            .call("a", "{\"x\": \"}</tool_call>{\", \"y\": {\"z\": [\"\\\"]\"]}}")
            .call("unknown_one", "{}")
            .call("b", "{\"q\": 1}"),
        case("qwen3", "<tool_call>{\"type\": \"function\", \"function\": {\"name\": \"a\", \"arguments\": {}}, \"id\": 3}</tool_call> done")
            .call("a", "{}")
            .text("done"),
        case("qwen3", "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Ul")
            .cut_off("weather", "{\"city\": \"Ul"),
        case("qwen3", "<tool_call>\nnot json\n</tool_call>").text("<tool_call>\nnot json\n</tool_call>"),
        case("qwen3", "<tool_call>{\"nam\": 1}</tool_call>").text("<tool_call>{\"nam\": 1}</tool_call>"),
        case("qwen3", "<tool_call>").text("<tool_call>"),
        case("qwen3", "<tool_call>{\"name\": \"a\", \"argum").text("<tool_call>{\"name\": \"a\", \"argum"),
        case("llama3", "{\"name\": \"weather\", \"parameters\": {\"city\": \"Ulm\"}}").call("weather", ULM),
        case("llama3", "<|python_tag|>{\"name\": \"a\", \"parameters\": {}}; {\"name\": \"b\", \"parameters\": {}}")
            .call("a", "{}")
            .call("b", "{}"),
        case("llama3", "{\"answer\": 42}").text("{\"answer\": 42}"),
        case("llama3", "Say {\"name\": 1}").text("Say {\"name\": 1}"),
        case("llama3", "<|python_tag|>print(1)").text("<|python_tag|>print(1)"),
    ]
}

fn tagged() -> Vec<Case> {
    vec![
        case("qwen-coder", "So.\n</think>\n\n<tool_call>\n<function=weather>\n<parameter=city>\nUlm\n</parameter>\n<parameter=days>\n3\n</parameter>\n</function>\n</tool_call>")
            .opened()
            .thinking("So.")
            .call("weather", r#"{"city": "Ulm", "days": 3}"#),
        case("qwen-coder", "<function=weather>\n<parameter=city>\n12\n</parameter>\n</function>")
            .call("weather", r#"{"city": "12"}"#),
        case("qwen-coder", "<tool_call>\n<function=run>\n<parameter=code>\nif a < b:\n  print(\"<x>\")\n\n</parameter>\n<parameter=deep>\n{\"a\": [1]}\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n<function=none>\n</function>\n</tool_call>")
            .call("run", "{\"code\": \"if a < b:\\n  print(\\\"<x>\\\")\\n\", \"deep\": {\"a\": [1]}}")
            .call("none", "{}"),
        case("qwen-coder", "<tool_call>\n<function=weather>\n<parameter=city>\nUl").cut_off("weather", "{\"city\": \"Ul\""),
        case("qwen-coder", "a <function x").text("a <function x"),
        case("glm4", "<tool_call>weather\n<arg_key>city</arg_key>\n<arg_value>Ulm</arg_value>\n<arg_key>days</arg_key>\n<arg_value>3</arg_value>\n</tool_call>")
            .call("weather", r#"{"city": "Ulm", "days": 3}"#),
        case("glm4", "ok<tool_call>now</tool_call><tool_call>b<arg_key>k</arg_key><arg_value>[true]</arg_value></tool_call>")
            .text("ok")
            .call("now", "{}")
            .call("b", "{\"k\": [true]}"),
        case("glm4", "<tool_call>is no name here</tool_call>").text("<tool_call>is no name here</tool_call>"),
        case("minimax-m2", "So.</think>\n<minimax:tool_call>\n<invoke name=\"weather\">\n<parameter name=\"city\">Ulm</parameter>\n</invoke>\n<invoke name=\"b\">\n</invoke>\n</minimax:tool_call>")
            .opened()
            .thinking("So.")
            .call("weather", ULM)
            .call("b", "{}"),
        case("a <｜DSML｜function_calls> b", "<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"f\">\n<｜DSML｜parameter name=\"a\" string=\"true\">7</｜DSML｜parameter>\n<｜DSML｜parameter name=\"b\" string=\"false\">7</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>")
            .call("f", "{\"a\": \"7\", \"b\": 7}"),
        case("step3", "<tool_call>\n<function=weather>\n<parameter=city>\nUlm\n</parameter>\n</function>\n</tool_call>")
            .call("weather", ULM),
    ]
}

fn listed() -> Vec<Case> {
    vec![
        case("mistral", "[TOOL_CALLS] [{\"name\": \"weather\", \"arguments\": {\"city\": \"Ulm\"}, \"id\": \"abcdefghi\"}, {\"name\": \"b\", \"arguments\": {}}]")
            .call("weather", ULM)
            .call("b", "{}"),
        case("mistral", "Hm [TOOL_CALLS] nothing").text("Hm [TOOL_CALLS] nothing"),
        case("ministral", "[TOOL_CALLS]weather[ARGS]{\"city\": \"Ulm\"}[TOOL_CALLS]b[CALL_ID]abc[ARGS]{}")
            .call("weather", ULM)
            .call("b", "{}"),
        case("ministral", "a[TOOL_CALLS]weather{\"city\": \"Ulm\"}").text("a").call("weather", ULM),
        case("ministral", "[TOOL_CALLS][{\"name\": \"weather\", \"arguments\": {\"city\": \"Ulm\"}}]").call("weather", ULM),
        case("phi4-mini", "<|tool_call|>[{\"name\": \"weather\", \"arguments\": {\"city\": \"Ulm\"}}]<|/tool_call|>").call("weather", ULM),
        case("granite", "<|tool_call|>[{\"name\": \"weather\", \"arguments\": {\"city\": \"Ulm\"}}]").call("weather", ULM),
        case("nemotron", "a</think>\n<TOOLCALL>[{\"name\": \"weather\", \"arguments\": {\"city\": \"Ulm\"}}]</TOOLCALL>")
            .opened()
            .thinking("a")
            .call("weather", ULM),
        case("command-r", "<|START_THINKING|>a<|END_THINKING|><|START_ACTION|>[\n    {\"tool_call_id\": \"0\", \"tool_name\": \"weather\", \"parameters\": {\"city\": \"Ulm\"}}\n]<|END_ACTION|>")
            .thinking("a")
            .call("weather", ULM),
        case("a <|tool_call_start|> b", "<|tool_call_start|>[weather(city=\"Ulm\", days=3), now()]<|tool_call_end|>It is")
            .call("weather", r#"{"city":"Ulm","days":3}"#)
            .call("now", "{}")
            .text("It is"),
    ]
}

fn separated() -> Vec<Case> {
    vec![
        case("deepseek-v3", "Hm.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>weather\n```json\n{\"city\": \"Ulm\"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>b\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>")
            .text("Hm.")
            .call("weather", ULM)
            .call("b", "{}"),
        case("deepseek-v31", "So.</think>Hm.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>weather<｜tool▁sep｜>{\"city\": \"Ulm\"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>")
            .opened()
            .thinking("So.")
            .text("Hm.")
            .call("weather", ULM),
        case("deepseek-v31", "<｜tool▁call▁begin｜>weather<｜tool▁sep｜>{\"city\": \"Ulm\"}<｜tool▁call▁end｜>").call("weather", ULM),
        case("kimi-k2", "Hm.<|tool_calls_section_begin|><|tool_call_begin|>functions.weather:0<|tool_call_argument_begin|>{\"city\": \"Ulm\"}<|tool_call_end|><|tool_call_begin|>functions.b:1<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>")
            .text("Hm.")
            .call("weather", ULM)
            .call("b", "{}"),
    ]
}

fn harmony() -> Vec<Case> {
    vec![
        case("gpt-oss", "<|channel|>analysis<|message|>So.<|end|><|start|>assistant<|channel|>final<|message|>Yes < no<|return|>")
            .thinking("So.")
            .text("Yes < no"),
        case("gpt-oss", "<|channel|>analysis<|message|>So.<|end|><|start|>assistant<|channel|>commentary<|message|>I look.<|end|><|start|>assistant<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{\"city\": \"Ulm\"}<|call|>")
            .thinking("So.")
            .text("I look.")
            .call("weather", ULM),
        case("gpt-oss", " to=functions.weather<|channel|>commentary json<|message|>{\"city\": \"Ulm\"}<|call|>").call("weather", ULM),
        case("gpt-oss", "<|channel|>commentary to=functions.weather<|message|>{\"city\": \"Ul").cut_off("weather", "{\"city\": \"Ul"),
        case("gpt-oss", "Just text, 1 < 2").text("Just text, 1 < 2"),
        case("gpt-oss", "<|channel|>final").text(""),
    ]
}

fn noted() -> Vec<Case> {
    vec![
        case("gemma4", "<|tool_call>call:weather{city:<|\"|>Ulm<|\"|>,days:3}<tool_call|><|tool_call>call:b{}<tool_call|>")
            .call("weather", r#"{"city":"Ulm","days":3}"#)
            .call("b", "{}"),
        case("gemma4", "<|tool_call>call:weather{city:<|\"|>Ulm").text("<|tool_call>call:weather{city:<|\"|>Ulm"),
        case("a <start_function_call> b", "ok <start_function_call>call:weather{city:<escape>Ulm<escape>}<end_function_call>")
            .text("ok ")
            .call("weather", r#"{"city":"Ulm"}"#),
    ]
}
