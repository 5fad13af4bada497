/** Real sites for tests: written into a temporary folder, with the plugin installed as npm would install it. */

import { execFile, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const PACKAGE = join(__dirname, "..", "..");
const MODULES = join(PACKAGE, "..", "node_modules");

/** A folder that holds sites and finds the repository's packages, but not this one: that comes from a tarball. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), "booklight-sites-"));

  constructor() {
    symlinkSync(MODULES, join(this.folder, "node_modules"));
  }

  /** Pack the plugin out of a fresh checkout, in which nothing has been built; return the tarball. */
  pack(): string {
    const stage = join(this.folder, "stage");
    for (const file of unbuiltFiles()) {
      mkdirSync(dirname(join(stage, file)), { recursive: true });
      copyFileSync(join(PACKAGE, file), join(stage, file));
    }
    const [name] = run("npm", ["pack", "--silent", "--pack-destination", this.folder], stage)
      .trim()
      .split("\n")
      .slice(-1);
    return join(this.folder, name ?? "");
  }

  /** Write a site and install the plugin into it; return its folder. */
  site(name: string, tarball: string, files: Record<string, string>): string {
    const site = join(this.folder, name);
    const plugin = join(site, "node_modules", "docusaurus-plugin-booklight");
    mkdirSync(plugin, { recursive: true });
    run("tar", ["xzf", tarball, "--strip-components=1"], plugin);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(site, path)), { recursive: true });
      writeFileSync(join(site, path), text);
    }
    return site;
  }

  /** Remove every site. */
  clear(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Build a site with Docusaurus; return what it printed. Throws an Error with the output when the build fails. */
export async function buildSite(site: string): Promise<string> {
  const docusaurus = join(MODULES, "@docusaurus", "core", "bin", "docusaurus.mjs");
  const env = { ...process.env, NODE_ENV: "production", NO_UPDATE_NOTIFIER: "1" };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [docusaurus, "build"], { cwd: site, env });
  return stdout + stderr;
}

/** What a checkout holds once the work of now is committed. */
function unbuiltFiles(): string[] {
  const listed = run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], PACKAGE).split("\0");
  return [...new Set(listed)].filter((file) => file !== "" && existsSync(join(PACKAGE, file)));
}

function run(command: string, given: string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, given, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${given.join(" ")} failed in ${cwd}:\n${stdout}${stderr}`);
  return stdout;
}
