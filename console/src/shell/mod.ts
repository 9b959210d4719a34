/** The key for commands, as this machine's keyboard has it. */
export const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);
export const MOD = MAC ? '⌘' : 'Ctrl ';
