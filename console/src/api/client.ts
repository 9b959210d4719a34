/** The typed client: paths, parameters and answers are those of docs/openapi/admin.json. */
import createClient, { type Middleware } from 'openapi-fetch';
import { ApiProblem } from './problem';
import type { components, paths } from './schema';

export type Paths = paths;
/** A type of the API by its name in the document: `Schema<'Device'>`. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

const problems: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) throw await ApiProblem.read(response);
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === 'AbortError') return;
    return ApiProblem.of(error);
  },
};

export const http = createClient<Paths>({
  baseUrl: window.location.origin,
  credentials: 'same-origin',
  headers: { accept: 'application/json' },
  // Looked up at the call, so that tests may put their own in place.
  fetch: (request) => globalThis.fetch(request),
});
http.use(problems);

/** Where a path also answers text such as CSV: we ask for JSON, so it is the other. */
type AsJson<T> = [Exclude<T, string>] extends [never] ? T : Exclude<T, string>;

/** The answer of a call, or the `ApiProblem` it failed with as an exception:
 * `await call(http.GET('/api/v1/providers'))`. */
export async function call<T>(answer: Promise<{ data?: T }>): Promise<AsJson<T>> {
  const { data } = await answer;
  return data as AsJson<T>;
}
