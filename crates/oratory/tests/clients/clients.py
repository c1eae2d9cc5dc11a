"""What the makers' own clients see of a server that runs: openai, anthropic and ollama.

Answers are a stand-in's, so what they say is not looked at; what comes over the wire is.
Usage: clients.py ADDRESS
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import anthropic
import ollama
import openai

BASE = f"http://{sys.argv[1]}"
USER = [{"role": "user", "content": "Hello"}]
LONG = [{"role": role, "content": "word " * 200} for _ in range(12) for role in ("user", "assistant")] + USER
BEGUN = "I am mini, the small"
LIKELIEST = {"temperature": 0}
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "integer", "minimum": 0, "maximum": 9}},
    "required": ["a"],
    "additionalProperties": False,
}
FUNCTION = {"name": "add", "description": "Adds.", "parameters": SCHEMA}

gpt = openai.OpenAI(base_url=f"{BASE}/v1", api_key="none", max_retries=0)
claude = anthropic.Anthropic(base_url=BASE, api_key="none", max_retries=0)
llama = ollama.Client(host=BASE)


def fails(call, kind, status, words):
    try:
        call()
    except kind as error:
        assert error.status_code == status, error
        assert words in str(error), error
    else:
        raise AssertionError(f"no {kind.__name__}")


def chat():
    create = gpt.chat.completions.create
    whole = create(model="mini", messages=USER, max_tokens=5, temperature=0)
    assert whole.choices[0].finish_reason == "length" and whole.usage.completion_tokens == 5
    options = {"include_usage": True}
    pieces = list(create(model="mini", messages=USER, max_tokens=5, temperature=0, stream=True, stream_options=options))
    text = "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices)
    assert text == whole.choices[0].message.content
    assert pieces[-1].usage.completion_tokens == 5
    several = create(model="mini", messages=USER, max_tokens=3, n=3)
    assert [choice.index for choice in several.choices] == [0, 1, 2]
    tools = [{"type": "function", "function": {"strict": True, **FUNCTION}}]
    for choice in ("required", {"type": "function", "function": {"name": "add"}}):
        called = create(model="mini", messages=USER, tools=tools, tool_choice=choice, parallel_tool_calls=False)
        call = called.choices[0].message.tool_calls[0]
        assert called.choices[0].finish_reason == "tool_calls" and call.function.name == "add"
        assert 0 <= json.loads(call.function.arguments)["a"] <= 9
    with gpt.chat.completions.stream(model="mini", messages=USER, tools=tools, tool_choice="required", parallel_tool_calls=False) as stream:
        message = stream.get_final_completion().choices[0].message
    assert 0 <= json.loads(message.tool_calls[0].function.arguments)["a"] <= 9
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA, "strict": True}}
    formed = create(model="mini", messages=USER, response_format=form)
    assert 0 <= json.loads(formed.choices[0].message.content)["a"] <= 9
    gone_on = gpt.completions.create(model="mini", prompt=[BEGUN, BEGUN], max_tokens=4, logprobs=2)
    assert len(gone_on.choices) == 2 and gone_on.choices[1].logprobs.tokens
    assert gpt.models.retrieve("mini").id == "mini"
    long = [{"role": "user", "content": "word " * 5000}]
    fails(lambda: create(model="mini", messages=long), openai.BadRequestError, 400, "context")
    fails(lambda: create(model="nobody", messages=USER), openai.NotFoundError, 404, "nobody")
    fails(lambda: create(model="mini", messages=[]), openai.BadRequestError, 400, "messages")


def responses():
    create = gpt.responses.create
    first = create(model="mini", input="Hello", max_output_tokens=8)
    assert first.status == "incomplete" and first.output_text
    second = create(model="mini", input="And?", previous_response_id=first.id)
    assert second.status == "completed" and second.usage.input_tokens > first.usage.input_tokens
    assert gpt.responses.retrieve(second.id).output_text == second.output_text
    gpt.responses.delete(second.id)
    tool = {"type": "function", "strict": True, **FUNCTION}
    with gpt.responses.stream(model="mini", input="Hello", tools=[tool], tool_choice="required", parallel_tool_calls=False) as stream:
        events = [event.type for event in stream]
        final = stream.get_final_response()
    assert events[0] == "response.created" and events[-1] == "response.completed", events
    assert 0 <= json.loads(final.output[-1].arguments)["a"] <= 9
    form = {"format": {"type": "json_schema", "name": "n", "schema": SCHEMA, "strict": True}}
    assert 0 <= json.loads(create(model="mini", input="Hello", text=form).output_text)["a"] <= 9
    shorter = create(model="mini", input=LONG, truncation="auto", max_output_tokens=4)
    assert shorter.truncation == "auto" and shorter.model_extra["oratory"]["left_out_messages"] > 1, shorter
    fails(lambda: create(model="mini", input=LONG), openai.BadRequestError, 400, "context")
    fails(lambda: create(model="mini", input="x", previous_response_id="none"), openai.BadRequestError, 400, "none")


def messages():
    create = claude.messages.create
    whole = create(model="mini", messages=USER, max_tokens=5, system="Be brief.")
    assert whole.stop_reason == "max_tokens" and whole.usage.output_tokens == 5
    with claude.messages.stream(model="mini", messages=USER, max_tokens=50, extra_body=LIKELIEST) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert final.content[0].text == text and final.usage.input_tokens + (final.usage.cache_read_input_tokens or 0) > 0
    stop = text.split(" ")[1]
    stopped = create(model="mini", messages=USER, max_tokens=50, stop_sequences=["never", stop], extra_body=LIKELIEST)
    assert (stopped.stop_reason, stopped.stop_sequence) == ("stop_sequence", stop), stopped
    tool = {"name": "add", "description": "Adds.", "input_schema": SCHEMA}
    once = {"disable_parallel_tool_use": True}
    for choice in ({"type": "any", **once}, {"type": "tool", "name": "add", **once}):
        called = create(model="mini", messages=USER, max_tokens=200, tools=[tool], tool_choice=choice)
        assert called.stop_reason == "tool_use", called
        assert 0 <= called.content[-1].input["a"] <= 9
    with claude.messages.stream(model="mini", messages=USER, max_tokens=200, tools=[tool], tool_choice={"type": "any", **once}) as stream:
        call = stream.get_final_message().content[-1]
    assert 0 <= call.input["a"] <= 9
    answered = USER + [
        {"role": "assistant", "content": [{"type": "tool_use", "id": call.id, "name": "add", "input": call.input}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "7"}]},
    ]
    assert create(model="mini", messages=answered, max_tokens=5, tools=[tool]).content
    count = claude.messages.count_tokens
    plain = count(model="mini", messages=USER).input_tokens
    usage = create(model="mini", messages=USER, max_tokens=1).usage
    assert plain == usage.input_tokens + usage.cache_read_input_tokens
    assert count(model="mini", messages=USER, tools=[tool]).input_tokens > plain
    many = count(model="mini", messages=[{"role": "user", "content": "word " * 5000}]).input_tokens
    assert many > 5000, many
    assert claude.models.list().data[0].type == "model"
    edits = {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}
    edited = claude.beta.messages.create(model="mini", messages=USER, max_tokens=2, context_management=edits, betas=["context-management-2025-06-27"])
    assert edited.context_management.applied_edits == [], edited
    long = [{"role": "user", "content": "word " * 5000}]
    fails(lambda: create(model="mini", messages=long, max_tokens=5), anthropic.BadRequestError, 400, "prompt is too long")
    fails(lambda: create(model="nobody", messages=USER, max_tokens=5), anthropic.NotFoundError, 404, "nobody")


def message_batches():
    batches = claude.messages.batches
    def message(model):
        return {"model": model, "messages": USER, "max_tokens": 4}

    wishes = [{"custom_id": name, "params": message(name)} for name in ("mini", "nobody")]
    begun = batches.create(requests=wishes)
    assert begun.type == "message_batch" and begun.processing_status == "in_progress", begun
    assert begun.request_counts.processing == 2 and begun.expires_at > begun.created_at
    ended = await_end(begun.id)
    counts = ended.request_counts
    assert (counts.succeeded, counts.errored, counts.processing) == (1, 1, 0), counts
    came = {line.custom_id: line.result for line in batches.results(begun.id)}
    assert came["mini"].type == "succeeded" and came["mini"].message.usage.output_tokens == 4
    assert came["nobody"].error.error.type == "not_found_error", came["nobody"]
    other = batches.create(requests=[{"custom_id": "a", "params": {**message("drone"), "max_tokens": 4000}}])
    assert [batch.id for batch in batches.list(limit=1)].count(begun.id) == 1
    fails(lambda: batches.delete(other.id), anthropic.BadRequestError, 400, "worked on")
    assert batches.cancel(other.id).processing_status in ("canceling", "ended")
    assert await_end(other.id).request_counts.canceled == 1
    assert [line.result.type for line in batches.results(other.id)] == ["canceled"]
    for batch in (begun, other):
        assert batches.delete(batch.id).type == "message_batch_deleted"
    fails(lambda: batches.retrieve(begun.id), anthropic.NotFoundError, 404, "no batch")
    fails(lambda: batches.create(requests=[]), anthropic.BadRequestError, 400, "requests")


def await_end(batch):
    for _ in range(600):
        found = claude.messages.batches.retrieve(batch)
        if found.processing_status == "ended":
            return found
        time.sleep(0.1)
    raise AssertionError(f"{batch} does not end")


def ollamas():
    options = {"num_predict": 5, "temperature": 0}
    whole = llama.chat(model="mini:latest", messages=USER, options=options)
    assert whole.done_reason == "length" and whole.eval_count == 5
    pieces = list(llama.chat(model="mini", messages=USER, options=options, stream=True))
    assert "".join(piece.message.content or "" for piece in pieces) == whole.message.content
    # What was answered before takes no time; this is answered anew.
    anew = list(llama.chat(model="mini", messages=USER, options={"num_predict": 5}, stream=True))[-1]
    assert anew.prompt_eval_duration > 0 and anew.eval_duration > 0, anew
    assert anew.total_duration >= anew.prompt_eval_duration + anew.eval_duration, anew
    whole = llama.chat(model="mini", messages=USER, options={"num_predict": 5})
    assert whole.prompt_eval_duration > 0 and whole.total_duration >= whole.prompt_eval_duration, whole
    formed = llama.chat(model="mini", messages=USER, format=SCHEMA)
    assert 0 <= json.loads(formed.message.content)["a"] <= 9
    assert llama.chat(model="mini", messages=USER, tools=[{"type": "function", "function": FUNCTION}]).done
    assert llama.generate(model="mini", prompt=BEGUN, raw=True, options=options).response
    assert llama.generate(model="mini", keep_alive="1m").done_reason == "load"
    assert [model.model for model in llama.ps().models] == ["mini"]
    assert llama.embed(model="mini", input=["one", "two"]).embeddings[1]
    assert "mini" in [model.model for model in llama.list().models]
    assert "completion" in llama.show("mini").capabilities
    long = [{"role": "user", "content": "word " * 5000}]
    fails(lambda: llama.chat(model="mini", messages=long), ollama.ResponseError, 400, "context")
    fails(lambda: llama.chat(model="nobody", messages=USER), ollama.ResponseError, 404, "nobody")


def left():
    """A client that leaves in the middle holds nobody up."""
    for _ in range(4):
        stream = gpt.chat.completions.create(model="drone", messages=USER, stream=True)
        next(iter(stream))
        stream.close()
        with claude.messages.stream(model="drone", messages=USER, max_tokens=4000) as stream:
            next(iter(stream))
        next(llama.chat(model="drone", messages=USER, stream=True))
    assert gpt.chat.completions.create(model="drone", messages=USER, max_tokens=2).choices


def together():
    """Twenty at once, of every kind."""
    kinds = [
        lambda: gpt.chat.completions.create(model="mini", messages=USER, max_tokens=9).choices[0].message.content,
        lambda: claude.messages.create(model="mini", messages=USER, max_tokens=9).content[0].text,
        lambda: llama.chat(model="mini", messages=USER, options={"num_predict": 9}).message.content,
        lambda: gpt.responses.create(model="mini", input="Hello", max_output_tokens=9).output_text,
    ]
    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(lambda at: kinds[at % len(kinds)](), range(20)))


def unloaded():
    assert llama.generate(model="mini", keep_alive=0).done_reason == "unload"


for part in (chat, responses, messages, ollamas, message_batches, left, together, unloaded):
    part()
    print(part.__name__, "holds", flush=True)
