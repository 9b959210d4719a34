/** What waits for somebody, what is not as decided, what changed, and what it all costs. */
import { useGet } from '@/api/query';
import { useMay } from '@/api/session';
import { EmptyState, Load, PageHeader } from '@/ui';
import { oneOf, useSearch } from '@/url/search';
import { Changes } from './Changes';
import { Fleet } from './Fleet';
import { Periods } from './Periods';
import { Ranks } from './Ranks';
import { Traffic } from './Traffic';
import { Unsettled } from './Unsettled';
import { Waiting } from './Waiting';
import styles from './overview.module.css';

const PARAMS = { hours: oneOf('168', '720') };

export default function Overview() {
  const [search, setSearch] = useSearch(PARAMS);
  const hours = Number(search.hours ?? 24);
  const overview = useGet(
    '/api/v1/overview',
    { params: { query: { hours } } },
    { every: hours === 24 ? 15_000 : 60_000 },
  );
  const fleet = useMay('audit');
  return (
    <>
      <PageHeader
        title="Overview"
        about="What waits for a decision, what is not in force yet, and where calls and money go."
        actions={
          <Periods
            value={search.hours ?? '24'}
            onChange={(next) =>
              setSearch({ hours: next === '168' || next === '720' ? next : null })
            }
          />
        }
      />
      <div className="page">
        <Load query={overview}>
          {(data) => (
            <>
              <Fleet of={data.fleet} />
              <div className={styles.halves}>
                <Waiting of={data.fleet} at={data.at} />
                <Unsettled of={data.fleet} providers={data.providers} node={data.node} />
              </div>
              <Traffic of={data.traffic} hours={hours} />
              <div className={styles.halves}>
                <Ranks of={data.traffic} hours={hours} />
                {fleet && (
                  <section className="section">
                    <h2>What changed</h2>
                    <Changes
                      list={{
                        items: data.changes,
                        loading: false,
                        problem: null,
                        retry: () => undefined,
                      }}
                      empty={
                        <EmptyState title="Nothing was changed yet">
                          Decisions, keys, budgets and settings: whatever people change is listed
                          here, and kept in the audit.
                        </EmptyState>
                      }
                    />
                  </section>
                )}
              </div>
            </>
          )}
        </Load>
      </div>
    </>
  );
}
