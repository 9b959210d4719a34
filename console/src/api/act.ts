/** Changing: runs a call, refreshes what it made old, and tells the person how it went. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from '@/ui/toasts';
import { ApiProblem } from './problem';
import { refresh } from './query';
import type { Topic } from './topics';

interface Act<V, R> {
  /** Makes the change, usually `(v) => call(http.PATCH(…))`. */
  run: (input: V) => Promise<R>;
  /** What happened, in the past tense: `Device renamed`. `null` says nothing. */
  done: (result: R, input: V) => string | null;
  /** Takes it back; only where that restores exactly what was. Offered for ten seconds. */
  undo?: (result: R, input: V) => Promise<unknown>;
  topics: readonly Topic[];
  /** The form shows field errors itself, so only other failures become toasts. */
  form?: boolean;
  then?: (result: R, input: V) => void;
}

export interface Acting<V, R> {
  act: (input: V) => void;
  /** Resolves to the answer, or to `undefined` after a failure that was shown already. */
  actAsync: (input: V) => Promise<R | undefined>;
  pending: boolean;
  problem: ApiProblem | null;
  reset: () => void;
}

export function useAct<V = void, R = unknown>(of: Act<V, R>): Acting<V, R> {
  const client = useQueryClient();
  const mutation = useMutation<R, unknown, V>({
    mutationFn: of.run,
    onSuccess: (result, input) => {
      refresh(client, of.topics);
      const text = of.done(result, input);
      const { undo } = of;
      if (text !== null) {
        toast.done(
          text,
          undo && {
            label: 'Undo',
            run: async () => {
              try {
                await undo(result, input);
                refresh(client, of.topics);
                toast.done('Undone');
              } catch (thrown) {
                toast.problem(ApiProblem.of(thrown));
              }
            },
          },
        );
      }
      of.then?.(result, input);
    },
    onError: (thrown) => {
      const problem = ApiProblem.of(thrown);
      if (of.form && problem.errors.length > 0) return;
      if (!problem.signedOut) toast.problem(problem);
    },
  });
  return {
    act: (input) => mutation.mutate(input),
    actAsync: (input) => mutation.mutateAsync(input).catch(() => undefined),
    pending: mutation.isPending,
    problem: mutation.error === null ? null : ApiProblem.of(mutation.error),
    reset: mutation.reset,
  };
}
