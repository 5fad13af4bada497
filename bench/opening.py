"""What opening the panel costs the page: its work until the reader can type, as a part of one frame.

Measured on the built handbook, each time in a new browser, from the press on the button to the frame in which the
composer has the focus; all scripts, styles and layout of the main thread, in processor time.
"""

from collections.abc import Mapping
from statistics import median

from built_book import BuiltBook, open_book

FRAME = 1000 / 60
TIMES = 7
WORK = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration")
OPEN = """() => new Promise((done) => {
  const host = document.querySelector("booklight-assistant");
  const long = [];
  new PerformanceObserver((list) => long.push(...list.getEntries())).observe({type: "longtask"});
  const end = () => requestAnimationFrame(() => setTimeout(() => done(long.length)));
  host.addEventListener("focusin", end, {once: true});
  host.shadowRoot.querySelector(".launcher").click();
})"""


def main() -> None:
    """Print the median of the work, by kind, and the long tasks."""
    opened = [measure() for _ in range(TIMES)]
    work = {kind: median(each[kind] for each in opened) for kind in WORK}
    total = median(sum(each[kind] for kind in WORK) for each in opened)
    for kind, milliseconds in work.items():
        print(f"{kind.removesuffix('Duration'):<12} {milliseconds:5.1f} ms  {milliseconds / FRAME:.2f} of a frame")
    print(f"{'in all':<12} {total:5.1f} ms  {total / FRAME:.2f} of a frame")
    print(f"tasks over 50 ms in {TIMES} openings: {sum(int(each['long']) for each in opened)}")


def measure() -> Mapping[str, float]:
    """Open the panel once; return the milliseconds of each kind of work, and the number of long tasks."""
    with open_book() as book:
        session = book.page.context.new_cdp_session(book.page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})

        def spent() -> dict[str, float]:
            metrics = session.send("Performance.getMetrics")["metrics"]
            return {metric["name"]: 1000 * metric["value"] for metric in metrics}

        before = spent()
        long = open_panel(book)
        after = spent()
        return {"long": long, **{kind: after[kind] - before[kind] for kind in WORK}}


def open_panel(book: BuiltBook) -> int:
    """Open the panel; return how many tasks took over 50 ms on the way."""
    long: int = book.page.evaluate(OPEN)
    return long


if __name__ == "__main__":
    main()
