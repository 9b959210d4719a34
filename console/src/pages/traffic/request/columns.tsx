/** The columns of the request log. */
import { type Schema } from '@/api/client';
import { count, micros, money } from '@/format/format';
import { Badge, type Column, Money, RelativeTime, StatusDot, Tooltip } from '@/ui';
import { Two } from '../../fleet/parts/Identity';

export type Call = Schema<'Request'>;

/** All tokens of a call, whatever their kind. `reasoning` is a part of `output`. */
export function tokensOf({ usage }: Pick<Call, 'usage'>): { prompt: number; answer: number } {
  return {
    prompt:
      usage.input + usage.cached + usage.cache_write_5m + usage.cache_write_1h + usage.input_audio,
    answer: usage.output + usage.output_audio + usage.output_image,
  };
}

function Caller({ call }: { call: Call }) {
  const { edge, key_name, user_name, team_name, shadow_of } = call;
  if (shadow_of) return <Two first="Nobody" second="A copy for a shadow target" />;
  if (edge) {
    return <Two first={edge.app} second={`${edge.device_name ?? edge.device} · ${edge.os_user}`} />;
  }
  return <Two first={key_name ?? 'No valid key'} second={user_name ?? team_name ?? ''} />;
}

export const COLUMNS: readonly Column<Call>[] = [
  {
    id: 'at',
    header: 'When',
    width: '92px',
    cell: ({ started_at }) => <RelativeTime at={started_at} />,
  },
  {
    id: 'caller',
    header: 'Who',
    width: 'minmax(140px, 1.4fr)',
    about: 'The app and device of a relayed call, the key of any other.',
    cell: (call) => <Caller call={call} />,
  },
  {
    id: 'model',
    header: 'Model',
    width: 'minmax(130px, 1.2fr)',
    from: 460,
    cell: ({ model, provider, operation }) => (
      <Two first={model ?? operation} second={provider ?? ''} />
    ),
  },
  {
    id: 'outcome',
    header: 'Outcome',
    width: '150px',
    cell: ({ outcome, code, status }) => (
      <span className="row">
        <StatusDot of={outcome} />
        {outcome !== 'completed' && (
          <Tooltip text={code ? `Status ${status}: ${code}` : `Status ${status}`}>
            <span className="muted small">{status}</span>
          </Tooltip>
        )}
      </span>
    ),
  },
  {
    id: 'tokens',
    header: 'Tokens',
    width: '128px',
    align: 'end',
    from: 900,
    about: 'Prompt and answer.',
    cell: (call) => {
      const { prompt, answer } = tokensOf(call);
      return (
        <span title={call.usage.source === 'estimated' ? 'Estimated by the gateway' : undefined}>
          {call.usage.source === 'estimated' && '≈ '}
          {count(prompt)} <span className="muted">+</span> {count(answer)}
        </span>
      );
    },
  },
  {
    id: 'cost',
    header: 'Cost',
    width: '92px',
    align: 'end',
    cell: ({ cost_micro_usd, cost_basis, saved_micro_usd }) =>
      saved_micro_usd != null ? (
        <Badge title={`Answered from the cache: ${money(saved_micro_usd)} saved`}>cached</Badge>
      ) : cost_basis === 'unpriced' ? (
        <Badge title="No price is known for this model. Set one under Settings.">unpriced</Badge>
      ) : (
        <Money micro={cost_micro_usd} />
      ),
  },
  {
    id: 'first',
    header: 'First byte',
    width: '88px',
    align: 'end',
    from: 1040,
    about: 'From its arrival to the first byte of the answer.',
    cell: ({ ttft_us }) => (ttft_us == null ? '–' : micros(ttft_us)),
  },
  {
    id: 'took',
    header: 'Took',
    width: '80px',
    align: 'end',
    from: 640,
    cell: ({ duration_us }) => micros(duration_us),
  },
  {
    id: 'overhead',
    header: 'Gateway',
    width: '80px',
    align: 'end',
    from: 1180,
    about: 'The part of it that the gateway took.',
    cell: ({ overhead_us }) => micros(overhead_us),
  },
];
