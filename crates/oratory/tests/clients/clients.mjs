// What clients from npm see of a server that runs: openai, and the AI SDK with openai-compatible.
//
// Answers are a stand-in's, so what they say is not looked at; what comes over the wire is.
// Usage: node clients.mjs ADDRESS

import assert from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany, generateObject, generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import OpenAI from "openai";

const baseURL = `http://${process.argv[2]}/v1`;
const messages = [{ role: "user", content: "Hello" }];
const schema = {
  type: "object",
  properties: { a: { type: "integer", minimum: 0, maximum: 9 } },
  required: ["a"],
  additionalProperties: false,
};
const long = "word ".repeat(5000);
const among = (value) => assert(value.a >= 0 && value.a <= 9, JSON.stringify(value));

async function openai() {
  const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
  const create = (body) => client.chat.completions.create({ model: "mini", messages, ...body });
  const whole = await create({ max_tokens: 5, temperature: 0 });
  assert.equal(whole.choices[0].finish_reason, "length");
  let text = "";
  let usage;
  const stream = await create({ max_tokens: 5, temperature: 0, stream: true, stream_options: { include_usage: true } });
  for await (const piece of stream) {
    text += piece.choices[0]?.delta.content ?? "";
    usage = piece.usage ?? usage;
  }
  assert.equal(text, whole.choices[0].message.content);
  assert.equal(usage.completion_tokens, 5);
  const tools = [{ type: "function", function: { name: "add", description: "Adds.", parameters: schema, strict: true } }];
  let call;
  for (const tool_choice of ["required", { type: "function", function: { name: "add" } }]) {
    const called = await create({ tools, tool_choice, parallel_tool_calls: false });
    call = called.choices[0].message.tool_calls[0];
    among(JSON.parse(call.function.arguments));
  }
  const turns = [...messages, { role: "assistant", tool_calls: [call] }, { role: "tool", tool_call_id: call.id, content: "7" }];
  assert((await create({ messages: turns, tools, max_tokens: 5 })).choices.length === 1);
  const json_schema = { name: "n", schema, strict: true };
  const formed = await create({ response_format: { type: "json_schema", json_schema } });
  among(JSON.parse(formed.choices[0].message.content));
  const vectors = await client.embeddings.create({ model: "mini", input: ["one", "two"] });
  assert.equal(vectors.data.length, 2);
  assert(Math.abs(vectors.data[0].embedding.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-3);
  const response = await client.responses.create({ model: "mini", input: "Hello", max_output_tokens: 5 });
  assert.equal(response.status, "incomplete");
  await assert.rejects(create({ messages: [{ role: "user", content: long }] }), OpenAI.BadRequestError);
  await assert.rejects(create({ model: "nobody" }), OpenAI.NotFoundError);
  const left = await create({ model: "drone", stream: true });
  for await (const _ of left) break;
  const answers = Array.from({ length: 20 }, () => create({ max_tokens: 5 }));
  assert((await Promise.all(answers)).every((answer) => answer.choices.length === 1));
}

async function ai() {
  const home = createOpenAICompatible({ name: "home", baseURL, includeUsage: true, supportsStructuredOutputs: true });
  const asked = { model: home("mini"), prompt: "Hello", temperature: 0, maxRetries: 0 };
  const whole = await generateText({ ...asked, maxOutputTokens: 5 });
  assert.equal(whole.finishReason, "length");
  const stream = streamText({ ...asked, maxOutputTokens: 5 });
  let text = "";
  for await (const piece of stream.textStream) text += piece;
  assert.equal(text, whole.text);
  assert.equal((await stream.usage).outputTokens, 5);
  const add = tool({ description: "Adds.", inputSchema: jsonSchema(schema), execute: ({ a }) => `${a}` });
  for (const toolChoice of ["required", { type: "tool", toolName: "add" }]) {
    const called = await generateText({ ...asked, tools: { add }, toolChoice });
    among(called.toolCalls[0].input);
  }
  const steps = await generateText({ ...asked, tools: { add }, stopWhen: stepCountIs(2), maxOutputTokens: 9 });
  assert(steps.steps.length >= 1);
  const streamed = streamText({ ...asked, tools: { add }, toolChoice: "required" });
  among((await streamed.toolCalls)[0].input);
  among((await generateObject({ ...asked, schema: jsonSchema(schema) })).object);
  const { embeddings } = await embedMany({ model: home.textEmbeddingModel("mini"), values: ["one", "two"] });
  assert.equal(embeddings.length, 2);
  await assert.rejects(generateText({ ...asked, prompt: long }), /context/);
  await assert.rejects(generateText({ ...asked, model: home("nobody") }), /nobody/);
  const leaving = new AbortController();
  const left = streamText({ ...asked, model: home("drone"), abortSignal: leaving.signal, onError: () => {} });
  for await (const _ of left.textStream) {
    leaving.abort();
    break;
  }
  const answers = Array.from({ length: 20 }, () => generateText({ ...asked, maxOutputTokens: 5 }));
  assert((await Promise.all(answers)).every((answer) => answer.text !== undefined));
}

for (const part of [openai, ai]) {
  await part();
  console.log(part.name, "holds");
}
