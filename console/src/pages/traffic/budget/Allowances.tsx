/** What is left for a team, a user or a key: its own budgets and limits, inside its panel. */
import { useGet } from '@/api/query';
import { useMay } from '@/api/session';
import { money } from '@/format/format';
import { KeyValue, UsageBar } from '@/ui';
import { limitWords } from './limits';
import { WINDOWS } from './words';

export function Allowances({ scope }: { scope: string }) {
  // Whoever may not see what may be spent is not asked about it.
  const sees = useMay('spending');
  const params = { params: { query: { scope } } };
  const budgets = useGet('/api/v1/budgets', params, { enabled: sees });
  const limits = useGet('/api/v1/limits', params, { enabled: sees });
  if (!sees || !budgets.data || !limits.data) return null;
  return (
    <section className="section">
      <h3>Budgets and limits of its own</h3>
      {budgets.data.items.map(({ id, window, model, cap_micro_usd, status }) => (
        <div key={id}>
          <div className="small secondary">
            Each {WINDOWS[window]}
            {model && `, ${model}`}
          </div>
          <UsageBar
            label={`Budget each ${WINDOWS[window]}`}
            used={status.spent_micro_usd}
            held={status.held_micro_usd}
            cap={cap_micro_usd}
            format={money}
          />
        </div>
      ))}
      {limits.data.items.length > 0 && (
        <KeyValue
          rows={limits.data.items.map((limit) => [
            limit.model ? `Limit, ${limit.model}` : 'Limit',
            limitWords(limit),
          ])}
        />
      )}
      {budgets.data.items.length === 0 && limits.data.items.length === 0 && (
        <p className="secondary">None: what holds for the wider scope holds here.</p>
      )}
    </section>
  );
}
