import Link from "@docusaurus/Link";
import Layout from "@theme/Layout";
import type { ReactNode } from "react";

import { Rows } from "../components/Rows";
import styles from "./index.module.css";

const DOORS = [
  {
    label: "Readers",
    to: "/docs/reading",
    text: "Ask about a page or a passage, follow a citation, and know what is sent.",
  },
  {
    label: "Authors",
    to: "/docs/authoring",
    text: "Set the plugin up, write pages that can be found, and check that every link holds.",
  },
  {
    label: "Operators",
    to: "/docs/operating",
    text: "Run the sidecar, connect a model, move to Postgres and to a Qdrant server.",
  },
];

const QUESTIONS = [
  "How do I use Postgres?",
  "What is sent to whom when I ask?",
  "How does search decide what comes first?",
  "Why are my links broken?",
];

/** The first page: what Booklight is, a door for each kind of person, and questions to try. */
export default function Home(): ReactNode {
  return (
    <Layout description="An assistant for Docusaurus books that answers from the book and links every claim.">
      <main className={styles.home}>
        <h1>Ask the book you are reading</h1>
        <p className={styles.lead}>
          Booklight gives a Docusaurus book an assistant. It answers from the book, and each claim links to the passage
          it comes from. This handbook is a book with Booklight on every page.
        </p>
        <p className={styles.start}>
          <Link className="button button--primary" to="/docs/start/run-the-demo">
            Run the demo
          </Link>
          <Link to="/docs/start/add-to-your-book">Add it to your book</Link>
        </p>
        <Rows rows={DOORS} />
        <Questions />
      </main>
    </Layout>
  );
}

/** Headings, so that the panel offers them to begin with. */
function Questions(): ReactNode {
  return (
    <section className={styles.questions}>
      <p>
        Press <strong>Ask this book</strong> on any page and ask, for example:
      </p>
      {QUESTIONS.map((question) => (
        <h2 key={question}>{question}</h2>
      ))}
    </section>
  );
}
