import { describe, expect, it } from 'vitest';
import { audienceParts, identityParts, itemPath, middle, platformWords } from './words';

describe('words of the fleet', () => {
  it('take an identity apart, and leave alone what is none', () => {
    expect(identityParts('npm:@scope/server')).toEqual({ kind: 'npm', name: '@scope/server' });
    expect(identityParts('url:https://mcp.example.com/sse').name).toBe(
      'https://mcp.example.com/sse',
    );
    expect(identityParts('codex')).toEqual({ kind: '', name: 'codex' });
  });

  it('cut the middle out of what is too long', () => {
    const cut = middle('abcdefghijklmnopqrstuvwxyz', 11);
    expect(cut).toHaveLength(11);
    expect(cut.startsWith('abcdef') && cut.endsWith('wxyz')).toBe(true);
    expect(middle('short', 11)).toBe('short');
  });

  it('name a platform once', () => {
    expect(platformWords({ os: 'linux', os_version: 'Debian GNU/Linux 12' })).toBe(
      'Debian GNU/Linux 12',
    );
    expect(platformWords({ os: 'macos', os_version: '15.6.1' })).toBe('macOS 15.6.1');
    expect(platformWords({ os: 'windows', os_version: 'Windows 11 24H2' })).toBe('Windows 11 24H2');
  });

  it('read audiences, and escape identities in addresses', () => {
    expect(audienceParts('device:dev_1')).toEqual({ kind: 'device', id: 'dev_1' });
    expect(audienceParts('fleet')).toEqual({ kind: 'fleet', id: null });
    expect(itemPath('mcp_server', 'npm:@a/b')).toBe('/mcp-servers/npm%3A%40a%2Fb');
  });
});
