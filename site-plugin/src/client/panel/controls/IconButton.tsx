/** A button that is an icon, with its name for those who hear it or rest the pointer on it. */

import type { ComponentProps, Ref } from "react";
import { Icon } from "./Icon";

type Props = Omit<ComponentProps<"button">, "ref"> & {
  icon: ComponentProps<typeof Icon>["name"];
  label: string;
  /** Not `ref`, which a component of React 18 does not get. */
  button?: Ref<HTMLButtonElement>;
};

/** Show the icon as a button called `label`; everything else is the button's own. */
export function IconButton({ icon, label, button, ...rest }: Props) {
  return (
    <button ref={button} type="button" className="icon" aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}
