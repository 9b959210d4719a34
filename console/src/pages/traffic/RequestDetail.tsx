/** One call: who made it, how it was decided step by step, how long each part took, what it cost. */
import { useParams } from 'react-router';
import { useGet } from '@/api/query';
import { useCrumbName } from '@/shell/crumb';
import { absolute } from '@/format/format';
import { Badge, Load, PageHeader, StatusBadge } from '@/ui';
import { Attempts } from './request/Attempts';
import { Content } from './request/Content';
import { Cost } from './request/Cost';
import { Facts } from './request/Facts';
import { Guarded } from './request/Guarded';
import { Shadow } from './request/Shadow';
import { Timing } from './request/Timing';
import { Trail } from './request/Trail';

export default function RequestDetail() {
  const { id = '' } = useParams();
  const query = useGet('/api/v1/requests/{id}', { params: { path: { id } } });
  const call = query.data?.request;
  useCrumbName(call && (call.model ?? call.operation));
  return (
    <Load query={query}>
      {({ request, trail, cost, guardrails, attempts, shadow, content }) => (
        <>
          <PageHeader
            title={request.model ?? request.operation}
            badges={
              <>
                <StatusBadge of={request.outcome} />
                <Badge title="The status sent to the caller">{request.status}</Badge>
                {request.streamed && <Badge>Streamed</Badge>}
                {request.shadow_of != null && (
                  <Badge title="A copy for a shadow target: nobody got its answer, and nobody pays for it">
                    Shadow
                  </Badge>
                )}
                {request.saved_micro_usd != null && (
                  <Badge title="A kept answer was given: no provider was asked">
                    From the cache
                  </Badge>
                )}
              </>
            }
            about={absolute(new Date(request.started_at))}
          />
          <div className="page">
            <div className="columns">
              <section className="section">
                <h2>How it was decided</h2>
                <Trail steps={trail} />
              </section>
              <div className="stack">
                <section className="section">
                  <h2>Who and where</h2>
                  <Facts call={request} />
                </section>
                <section className="section">
                  <h2>How long</h2>
                  <Timing call={request} />
                </section>
                <section className="section">
                  <h2>How much</h2>
                  <Cost call={request} breakdown={cost ?? null} />
                </section>
              </div>
            </div>
            {attempts.length > 0 && (
              <section className="section">
                <h2>Where it was tried</h2>
                <Attempts attempts={attempts} />
              </section>
            )}
            {shadow && (
              <section className="section">
                <h2>Beside its copy for the shadow target</h2>
                <Shadow call={request} copy={shadow} />
              </section>
            )}
            {guardrails.length > 0 && (
              <section className="section">
                <h2>Guardrails</h2>
                <Guarded applied={guardrails} />
              </section>
            )}
            <section className="section">
              <h2>Prompt and answer</h2>
              <Content call={request} content={content ?? null} />
            </section>
          </div>
        </>
      )}
    </Load>
  );
}
