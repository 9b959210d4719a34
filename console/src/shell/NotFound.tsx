import { PLACES } from './places';
import { ButtonLink } from '@/ui/Button';
import { PageHeader } from '@/ui/PageHeader';
import { EmptyState } from '@/ui/States';

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <>
      <PageHeader title="No such page" />
      <EmptyState
        title="Nothing lives at this address"
        actions={PLACES.slice(0, 4).map(({ path, title }) => (
          <ButtonLink key={path} to={path}>
            {title}
          </ButtonLink>
        ))}
      >
        The link may be old, or what it pointed to was removed.
      </EmptyState>
    </>
  );
}
