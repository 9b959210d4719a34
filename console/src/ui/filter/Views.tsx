/** Filters kept under a name, for the account that is signed in. */
import { Bookmark } from 'lucide-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useAct } from '@/api/act';
import { call, http } from '@/api/client';
import { useGet } from '@/api/query';
import { Button } from '../Button';
import { Dialog } from '../Dialog';
import { Field, Form, Input } from '../Input';
import { Menu, MenuItem, MenuLabel, MenuLine } from '../Menu';

export function Views({ page }: { page: string }) {
  const [params, setParams] = useSearchParams();
  const [naming, setNaming] = useState(false);
  const views = useGet('/api/v1/views');
  const mine = views.data?.items.filter((view) => view.page === page) ?? [];
  const query = params.toString();
  const current = mine.find((view) => view.query === query);
  const remove = useAct({
    run: (id: string) => call(http.DELETE('/api/v1/views/{id}', { params: { path: { id } } })),
    done: () => 'View removed',
    topics: ['views'],
  });
  // A gateway without saved views: the filters still work by their address.
  if (views.error && !views.data) return null;
  return (
    <>
      <Menu
        trigger={
          <Button look="quiet">
            <Bookmark size={14} aria-hidden /> {current?.name ?? 'Views'}
          </Button>
        }
      >
        {mine.length > 0 && <MenuLabel>Saved views</MenuLabel>}
        {mine.map((view) => (
          <MenuItem
            key={view.id}
            checked={view === current}
            onSelect={() => setParams(new URLSearchParams(view.query))}
          >
            {view.name}
          </MenuItem>
        ))}
        {mine.length > 0 && <MenuLine />}
        <MenuItem
          disabled={query === '' || current !== undefined}
          onSelect={() => window.setTimeout(() => setNaming(true))}
        >
          Save these filters…
        </MenuItem>
        {current && (
          <MenuItem danger onSelect={() => remove.act(current.id)}>
            Remove “{current.name}”
          </MenuItem>
        )}
      </Menu>
      {naming && <NameView page={page} query={query} onClose={() => setNaming(false)} />}
    </>
  );
}

function NameView({ page, query, onClose }: { page: string; query: string; onClose: () => void }) {
  const [name, setName] = useState('');
  const save = useAct({
    run: () => call(http.POST('/api/v1/views', { body: { page, name: name.trim(), query } })),
    done: () => 'View saved',
    topics: ['views'],
    form: true,
    then: onClose,
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title="Save these filters"
      about="The view is yours alone; its link works for everyone."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            type="submit"
            form="name-view"
            disabled={name.trim() === ''}
            pending={save.pending}
          >
            Save view
          </Button>
        </>
      }
    >
      <Form id="name-view" onSubmit={() => save.act()} problem={save.problem} shown={['/name']}>
        <Field label="Name" error={save.problem?.field('/name')}>
          <Input value={name} onChange={(event) => setName(event.target.value)} maxLength={60} />
        </Field>
      </Form>
    </Dialog>
  );
}
