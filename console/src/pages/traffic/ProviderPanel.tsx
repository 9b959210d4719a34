/** One provider beside the list it was chosen from. */
import { useGet } from '@/api/query';
import {
  ButtonLink,
  CodeBlock,
  Copy,
  Drawer,
  KeyValue,
  Load,
  RelativeTime,
  StatusBadge,
} from '@/ui';
import { href } from '@/url/search';

export function ProviderPanel({ name, onClose }: { name: string; onClose: () => void }) {
  const provider = useGet(
    '/api/v1/providers/{name}',
    { params: { path: { name } } },
    { every: 15_000 },
  );
  return (
    <Drawer
      open
      onClose={onClose}
      title={name}
      foot={
        <>
          <ButtonLink to={href('/requests', { provider: name })}>Its requests</ButtonLink>
          <ButtonLink to={href('/usage', { provider: name })}>Its usage</ButtonLink>
        </>
      }
    >
      <Load query={provider}>
        {({ base_url, dialect, has_credential, health, models, model_patterns }) => (
          <>
            <KeyValue
              rows={[
                ['Health', <StatusBadge key="health" of={health.state} />],
                ['Last success', <RelativeTime key="success" at={health.last_success_at} />],
                ['Last error', <RelativeTime key="error" at={health.last_error_at} />],
                ['Dialect', dialect],
                ['Base URL', <Copy key="url" text={base_url} />],
                [
                  'Credential',
                  has_credential ? 'Set in the configuration' : 'None: calls go out without one',
                ],
              ]}
            />
            {health.last_error && (
              <section className="section">
                <h3>What failed last</h3>
                <CodeBlock label="Last error" text={health.last_error} wrap />
              </section>
            )}
            <section className="section">
              <h3>Models</h3>
              {models.length + model_patterns.length === 0 ? (
                <p className="secondary">
                  Every model that no other provider claims, and any asked for as{' '}
                  <code>{name}/model</code>.
                </p>
              ) : (
                <CodeBlock label="Models" text={[...models, ...model_patterns].join('\n')} />
              )}
            </section>
          </>
        )}
      </Load>
    </Drawer>
  );
}
