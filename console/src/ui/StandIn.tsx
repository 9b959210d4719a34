/** Radix draws a trigger twice, since it measures from it, and keeps a dozen components behind each: of every row
 * that is more than the row. Here a trigger is plain until somebody comes near; then this takes its place before
 * Radix, which finds the trigger that is there already. */
import { type Ref, type RefObject, useImperativeHandle } from 'react';

interface Props {
  for: RefObject<HTMLElement | null>;
  ref?: Ref<HTMLElement>;
}

export function StandIn({ for: trigger, ref }: Props) {
  useImperativeHandle(ref, () => trigger.current as HTMLElement, [trigger]);
  return null;
}
