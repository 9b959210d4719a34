/** Every failure of a call, as the gateway words it (`application/problem+json`, RFC 9457). */

export interface FieldError {
  pointer?: string | null;
  parameter?: string | null;
  detail: string;
}

export class ApiProblem extends Error {
  readonly status: number;
  /** From the API's closed list; `unreachable` when no answer came. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly FieldError[];
  /** Seconds after which trying again makes sense. */
  readonly retryAfter: number | undefined;
  readonly requestId: string | undefined;

  constructor(of: Partial<ApiProblem> & Pick<ApiProblem, 'status' | 'code' | 'title'>) {
    super(of.title);
    this.name = 'ApiProblem';
    this.status = of.status;
    this.code = of.code;
    this.title = of.title;
    this.detail = of.detail ?? '';
    this.errors = of.errors ?? [];
    this.retryAfter = of.retryAfter;
    this.requestId = of.requestId;
  }

  /** Whether the session is gone, so that only signing in again helps. */
  get signedOut(): boolean {
    return this.status === 401 && this.code === 'unauthenticated';
  }

  /** What the field at this JSON pointer (`/name`) lacks. */
  field(pointer: string): string | undefined {
    return this.errors.find((error) => error.pointer === pointer)?.detail;
  }

  /** Field errors whose place is none of these; a form shows them above its fields. */
  others(pointers: readonly string[]): FieldError[] {
    return this.errors.filter((error) => !error.pointer || !pointers.includes(error.pointer));
  }

  static async read(response: Response): Promise<ApiProblem> {
    const seconds = Number(response.headers.get('retry-after'));
    const common = {
      status: response.status,
      retryAfter: Number.isFinite(seconds) && seconds > 0 ? seconds : undefined,
      requestId: response.headers.get('x-tidegate-request-id') ?? undefined,
    };
    const type = response.headers.get('content-type') ?? '';
    if (type.includes('json')) {
      const body: unknown = await response.json().catch(() => null);
      if (body && typeof body === 'object' && 'code' in body && 'title' in body) {
        const { code, title, detail, errors } = body as Record<string, unknown>;
        return new ApiProblem({
          ...common,
          code: String(code),
          title: String(title),
          detail: typeof detail === 'string' ? detail : '',
          errors: Array.isArray(errors) ? (errors as FieldError[]) : [],
        });
      }
    }
    return new ApiProblem({
      ...common,
      code: 'unexpected',
      title: `The gateway answered ${response.status}`,
      detail: 'The answer is none that the console knows. Its request id is in the gateway’s log.',
    });
  }

  /** Whatever was thrown, as a problem. */
  static of(thrown: unknown): ApiProblem {
    if (thrown instanceof ApiProblem) return thrown;
    return new ApiProblem({
      status: 0,
      code: 'unreachable',
      title: 'The gateway does not answer',
      detail: 'It may be restarting, or this machine is offline. Nothing was lost; try again.',
    });
  }
}
