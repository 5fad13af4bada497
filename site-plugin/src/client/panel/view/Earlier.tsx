/** The place of the list of earlier conversations, whose code arrives when it is first wanted. */

import { type ComponentProps, lazy, Suspense } from "react";

const ThreadList = lazy(() => import("./ThreadList"));

/** Show the earlier conversations as soon as their code is there. */
export function Earlier(props: ComponentProps<typeof ThreadList>) {
  return (
    <Suspense fallback={<div className="history" aria-busy="true" />}>
      <ThreadList {...props} />
    </Suspense>
  );
}
