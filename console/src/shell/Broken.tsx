/** Where a page's own code failed. The rest of the console goes on. */
import { useRouteError } from 'react-router';
import { Button } from '@/ui/Button';
import { EmptyState } from '@/ui/States';

export function Broken() {
  const thrown = useRouteError();
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  // After an update the old chunks are gone; loading the page again fetches the new ones.
  const updated = /dynamically imported module|Importing a module script/.test(message);
  return (
    <EmptyState
      title={updated ? 'The console was updated' : 'This page has a fault'}
      actions={<Button onClick={() => window.location.reload()}>Reload</Button>}
    >
      {updated ? 'Reload to use the new version.' : <code>{message}</code>}
    </EmptyState>
  );
}
