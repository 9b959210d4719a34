/** For whom a decision is, by name, leading there. */
import { Link } from 'react-router';
import { useGet } from '@/api/query';
import { useTeams } from './useChoices';
import { audienceParts } from './words';

export function AudienceName({ of }: { of: string }) {
  const { kind, id } = audienceParts(of);
  if (kind === 'device' && id) return <DeviceName id={id} />;
  if (kind === 'team' && id) return <TeamName id={id} />;
  return <>for the fleet</>;
}

function DeviceName({ id }: { id: string }) {
  const device = useGet('/api/v1/devices/{id}', { params: { path: { id } } }, { topics: [] });
  if (device.error) return <>for a device that is gone</>;
  return (
    <>
      for <Link to={`/devices/${id}`}>{device.data?.hostname ?? 'a device'}</Link>
    </>
  );
}

function TeamName({ id }: { id: string }) {
  const teams = useTeams();
  return <>for team {teams.name(id)}</>;
}
