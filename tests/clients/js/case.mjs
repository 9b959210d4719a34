// A test is a function with a name; this runs them, one line each, and counts.
const cases = [];

export function test(name, run) {
  cases.push({ name, run });
}

export function ok(condition, what) {
  if (!condition) throw new Error(typeof what === "string" ? what : `not so: ${JSON.stringify(what)}`);
}

// The exception of that class that the promise must reject with.
export async function rejects(kind, promise) {
  try {
    await promise;
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error(`did not reject with ${kind.name}`);
}

export async function runAll(before) {
  let failed = 0;
  for (const { name, run } of cases) {
    before(name);
    const started = performance.now();
    try {
      await run();
      console.log(`ok   ${name} (${Math.round(performance.now() - started)} ms)`);
    } catch (error) {
      failed += 1;
      const place = /js\/([\w-]+\.mjs:\d+)/.exec((error.stack ?? "").replace(/js\/case\.mjs:\d+/g, ""))?.[1];
      console.log(`FAIL ${name}: ${place ?? ""}: ${error.name}: ${String(error.message).slice(0, 600)}`);
    }
  }
  return failed;
}
