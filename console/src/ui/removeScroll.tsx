/** Stands in for `react-remove-scroll`, which Radix brings along. The original locks the page by
 * writing style elements, and our content security policy forbids those. Nothing is lost: the page
 * itself never scrolls here, only its parts do. */
import type { ComponentProps, ElementType } from 'react';

interface Props extends ComponentProps<'div'> {
  as?: ElementType;
  allowPinchZoom?: boolean;
  enabled?: boolean;
  shards?: unknown;
  removeScrollBar?: boolean;
}

const OWN = ['allowPinchZoom', 'enabled', 'shards', 'removeScrollBar'];

export function RemoveScroll({ as: Element = 'div', ...rest }: Props) {
  // What only the original understands must not become attributes.
  const passed = Object.fromEntries(Object.entries(rest).filter(([name]) => !OWN.includes(name)));
  return <Element {...passed} />;
}
