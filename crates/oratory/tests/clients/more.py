"""What clients built upon OpenAI's see of a server that runs: litellm, langchain-openai, instructor.

Answers are a stand-in's, so what they say is not looked at; what comes over the wire is.
Usage: more.py ADDRESS
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import instructor
import litellm
import openai
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel, Field

BASE = f"http://{sys.argv[1]}/v1"
USER = [{"role": "user", "content": "Hello"}]
LONG = [{"role": "user", "content": "word " * 5000}]


class Number(BaseModel):
    """A number."""

    a: int = Field(ge=0, le=9)


FUNCTION = {"name": "add", "description": "Adds.", "parameters": {**Number.model_json_schema(), "additionalProperties": False}}
TOOL = {"type": "function", "function": FUNCTION}
litellm.telemetry = False
litellm.suppress_debug_info = True


def fails(call, kind, words):
    try:
        call()
    except kind as error:
        assert words in str(error), error
    else:
        raise AssertionError(f"no {kind.__name__}")


def through_litellm():
    def create(model="mini", messages=USER, **rest):
        return litellm.completion(model=f"openai/{model}", api_base=BASE, api_key="none", max_retries=0, messages=messages, **rest)

    whole = create(max_tokens=5, temperature=0)
    assert whole.choices[0].finish_reason == "length" and whole.usage.completion_tokens == 5, whole
    pieces = list(create(max_tokens=5, temperature=0, stream=True, stream_options={"include_usage": True}))
    text = "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices)
    assert text == whole.choices[0].message.content, (text, whole)
    for choice in ("required", {"type": "function", "function": {"name": "add"}}):
        called = create(tools=[TOOL], tool_choice=choice, parallel_tool_calls=False)
        call = called.choices[0].message.tool_calls[0]
        assert call.function.name == "add" and Number.model_validate_json(call.function.arguments), call
    turns = USER + [called.choices[0].message.model_dump(), {"role": "tool", "tool_call_id": call.id, "content": "7"}]
    assert create(messages=turns, tools=[TOOL], max_tokens=5).choices
    formed = create(response_format=Number)
    assert Number.model_validate_json(formed.choices[0].message.content)
    vectors = litellm.embedding(model="openai/mini", api_base=BASE, api_key="none", input=["one", "two"])
    assert len(vectors.data) == 2 and vectors.usage.prompt_tokens > 0
    fails(lambda: create(messages=LONG), litellm.ContextWindowExceededError, "context")
    fails(lambda: create(model="nobody"), litellm.NotFoundError, "nobody")
    stream = create(model="drone", stream=True)
    next(iter(stream))
    stream.completion_stream.close()
    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(lambda _: create(max_tokens=5).choices[0].message.content, range(20)))


def through_langchain():
    def model(**rest):
        return ChatOpenAI(base_url=BASE, api_key="none", model="mini", temperature=0, max_retries=0, **rest)

    whole = model(max_tokens=5).invoke("Hello")
    assert whole.usage_metadata["output_tokens"] == 5 and whole.response_metadata["finish_reason"] == "length", whole
    pieces = list(model(max_tokens=5).stream("Hello"))
    assert "".join(piece.content for piece in pieces) == whole.content
    for choice in ("any", "add"):
        called = model().bind_tools([TOOL], tool_choice=choice, parallel_tool_calls=False).invoke("Hello")
        assert called.tool_calls[0]["name"] == "add" and Number(**called.tool_calls[0]["args"]), called
    streamed = None
    for piece in model().bind_tools([TOOL], tool_choice="any", parallel_tool_calls=False).stream("Hello"):
        streamed = piece if streamed is None else streamed + piece
    assert Number(**streamed.tool_calls[0]["args"]), streamed
    turns = [HumanMessage("Hello"), called, ToolMessage("7", tool_call_id=called.tool_calls[0]["id"])]
    assert isinstance(model(max_tokens=5).bind_tools([TOOL]).invoke(turns), AIMessage)
    for method in ("json_schema", "function_calling"):
        assert isinstance(model().with_structured_output(Number, method=method).invoke("Hello"), Number)
    vectors = OpenAIEmbeddings(base_url=BASE, api_key="none", model="mini", check_embedding_ctx_length=False)
    assert len(vectors.embed_documents(["one", "two"])) == 2
    fails(lambda: model().invoke("word " * 5000), openai.BadRequestError, "context")
    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(lambda _: model(max_tokens=5).invoke("Hello").content, range(20)))


def through_instructor():
    plain = openai.OpenAI(base_url=BASE, api_key="none", max_retries=0)
    for mode in (instructor.Mode.TOOLS, instructor.Mode.JSON_SCHEMA):
        create = instructor.from_openai(plain, mode=mode).chat.completions.create
        assert create(model="mini", messages=USER, response_model=Number, max_retries=0)
    partial = instructor.from_openai(plain).chat.completions.create_partial
    assert list(partial(model="mini", messages=USER, response_model=Number, max_retries=0))[-1].a is not None


for part in (through_litellm, through_langchain, through_instructor):
    part()
    print(part.__name__, "holds", flush=True)
