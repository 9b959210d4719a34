/** A short explanation on hover and focus. Nothing that can be clicked, nothing one has to know. */
import { Slot, Tooltip as Radix } from 'radix-ui';
import {
  type ComponentProps,
  type ReactNode,
  type Ref,
  type RefObject,
  type SyntheticEvent,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { StandIn } from './StandIn';
import styles from './overlay.module.css';

interface Props {
  text: ReactNode;
  side?: 'top' | 'right' | 'bottom' | 'left';
  /** One element that can take focus. */
  children: ReactNode;
}

/** What Radix hears of its trigger. */
const NAMES = {
  pointermove: 'onPointerMove',
  pointerleave: 'onPointerLeave',
  pointerdown: 'onPointerDown',
  focus: 'onFocus',
  blur: 'onBlur',
  click: 'onClick',
} as const;

type Handlers = Pick<ComponentProps<'button'>, (typeof NAMES)[keyof typeof NAMES]>;
/** Hands an event at the trigger to Radix, once that is there. */
type Tell = (event: SyntheticEvent) => void;

export function Tooltip({ text, side = 'top', children }: Props) {
  const trigger = useRef<HTMLElement>(null);
  const tell = useRef<Tell>(null);
  const [first, setFirst] = useState<SyntheticEvent | null>(null);
  const [open, setOpen] = useState(false);
  const id = useId();
  const hear = (event: SyntheticEvent) => {
    if (tell.current) tell.current(event);
    else if (event.type === 'pointermove' || event.type === 'focus') setFirst(event);
  };
  return (
    <>
      <Slot.Root
        ref={trigger}
        aria-describedby={open ? id : undefined}
        onPointerMove={hear}
        onPointerLeave={hear}
        onPointerDown={hear}
        onFocus={hear}
        onBlur={hear}
        onClick={hear}
      >
        {children}
      </Slot.Root>
      {first && (
        <Radix.Root open={open} onOpenChange={setOpen}>
          <Radix.Trigger asChild>
            <Listener for={trigger} tell={tell} first={first} />
          </Radix.Trigger>
          <Radix.Portal>
            <Radix.Content
              id={id}
              className={styles.tooltip}
              side={side}
              sideOffset={6}
              collisionPadding={8}
            >
              {text}
            </Radix.Content>
          </Radix.Portal>
        </Radix.Root>
      )}
    </>
  );
}

interface ListenerProps extends Handlers {
  for: RefObject<HTMLElement | null>;
  tell: RefObject<Tell | null>;
  /** What came before Radix was there. */
  first: SyntheticEvent;
  ref?: Ref<HTMLElement>;
}

function Listener({ for: trigger, tell, first, ref, ...handlers }: ListenerProps) {
  useImperativeHandle(tell, () => (event) => {
    const handle = handlers[NAMES[event.type as keyof typeof NAMES]];
    (handle as Tell | undefined)?.(event);
  });
  useLayoutEffect(() => tell.current?.(first), [first, tell]);
  return <StandIn for={trigger} ref={ref} />;
}

/** Once, around the whole application: after the first tooltip the next comes at once. */
export function TooltipScope({ children }: { children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={350} skipDelayDuration={200}>
      {children}
    </Radix.Provider>
  );
}
