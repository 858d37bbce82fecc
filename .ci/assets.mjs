// Builds loyalty/web/assets from the npm packages, our styles and our scripts.
//
// Every file's name carries a hash of its content, so browsers may keep it for
// ever; manifest.json maps the plain name to it and is written last, so an
// interrupted build leaves the former one in force.
//
//   staff.css, staff.rtl.css   Tabler without the rules that no page uses, the
//                              fonts, then loyalty/web/styles/staff.css
//   customer.css               the fonts, then loyalty/web/styles/customer.css
//   icons.svg                  the icons that templates name: icon('user')
//   htmx.min.js                and every script in loyalty/web/scripts
//   swagger-ui.css, .js        the API's own documentation page
//
// A plain name may be referred to from our styles: url(logo.svg) gets the hash.

import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const source = path.join(root, "loyalty");
const styles = path.join(source, "web", "styles");
const target = path.join(source, "web", "assets");
const modules = path.join(root, "node_modules");

const read = (file) => fs.readFileSync(file, "utf8");
const inModules = (name) => path.join(modules, name);

function fail(message) {
  console.error(`assets: ${message}`);
  process.exit(1);
}

function filesBelow(folder, matches) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => !file.startsWith(target + path.sep) && matches(file))
    .sort();
}

// Where class names and icons may stand: templates, and the surfaces' own code.
const surfaces = new Set(["web", "admin", "till", "portal", "demo"]);
const pages = filesBelow(source, (file) => {
  const [folder] = path.relative(source, file).split(path.sep);
  return file.endsWith(".html") || (file.endsWith(".py") && surfaces.has(folder));
});
const scripts = filesBelow(path.join(source, "web", "scripts"), (f) => f.endsWith(".js"));
const images = filesBelow(path.join(source, "web", "images"), () => true);
const sheets = filesBelow(styles, () => true);

// ---- whether there is anything to do

function fingerprint() {
  const hash = createHash("sha256");
  const own = [import.meta.filename, path.join(root, "package-lock.json")];
  for (const file of [...own, ...pages, ...scripts, ...images, ...sheets]) {
    hash.update(path.relative(root, file)).update("\0").update(fs.readFileSync(file));
  }
  return hash.digest("hex");
}

// ---- writing

const manifest = {};

function put(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const extension = path.extname(name);
  const hashed = `${name.slice(0, -extension.length)}.${hash}${extension}`;
  const unfinished = path.join(target, `.${hashed}`);
  fs.writeFileSync(unfinished, content);
  fs.renameSync(unfinished, path.join(target, hashed));
  manifest[name] = hashed;
  return hashed;
}

// Only at the very end: inside a bundle the same words are part of its code.
const withoutMap = (code) =>
  code.replace(/\s*(\/\/|\/\*)# sourceMappingURL=[^\n*]*(\*\/)?\s*$/, "\n");

const withHashes = (css) =>
  css.replace(/url\((["']?)([\w.-]+)\1\)/g, (whole, _, name) =>
    name in manifest ? `url(${manifest[name]})` : whole,
  );

// ---- fonts

// Of "latin-ext" only what European languages use: 85 kB become some 20.
const EUROPEAN = [[0x100, 0x17f], [0x218, 0x21b], [0x1e9e, 0x1e9e], [0x20a0, 0x20c0]];
const FACES = [
  ["inter", "latin"],
  ["inter", "latin-ext", EUROPEAN],
  ["inter", "cyrillic"],
  ["vazirmatn", "arabic"],
];
const hex = (code) => code.toString(16).toUpperCase().padStart(4, "0");

async function fonts() {
  const { default: subset } = await import("subset-font");
  let css = "";
  for (const [family, script, ranges] of FACES) {
    const folder = inModules(`@fontsource-variable/${family}`);
    const name = `${family}-${script}-wght-normal`;
    const block = read(path.join(folder, "wght.css"))
      .split("/* ")
      .find((part) => part.startsWith(`${name} `));
    if (!block) fail(`no face ${name} in @fontsource-variable/${family}`);
    let rule = block.slice(block.indexOf("@font-face"));
    let font = fs.readFileSync(path.join(folder, "files", `${name}.woff2`));
    if (ranges) {
      const text = ranges
        .flatMap(([first, last]) =>
          Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)),
        )
        .join("");
      font = await subset(font, text, {
        targetFormat: "woff2",
        variationAxes: { wght: { min: 400, max: 700 } },
      });
      const unicode = ranges.map(([a, b]) => (a === b ? `U+${hex(a)}` : `U+${hex(a)}-${hex(b)}`));
      rule = rule.replace(/unicode-range:[^;]+/, `unicode-range:${unicode.join(",")}`);
    }
    const hashed = put(`${family}-${script}.woff2`, font);
    css += rule.replace(/url\([^)]+\)/, `url(${hashed})`).replace(/\s+/g, " ");
  }
  return css;
}

// ---- icons

function icons() {
  const names = new Set();
  for (const file of pages) {
    for (const [, , name] of read(file).matchAll(/\bicon\(\s*(["'])([\w-]+)\1/g)) names.add(name);
  }
  const extra = path.join(styles, "icons.txt");
  if (fs.existsSync(extra)) {
    for (const name of read(extra).split(/\s+/).filter(Boolean)) names.add(name);
  }
  const symbols = [...names].sort().map((name) => {
    const filled = name.endsWith("-filled");
    const kind = filled ? "filled" : "outline";
    const file = inModules(`@tabler/icons/icons/${kind}/${name.replace(/-filled$/, "")}.svg`);
    if (!fs.existsSync(file)) fail(`there is no icon "${name}" in @tabler/icons`);
    const inner = read(file)
      .replace(/^[\s\S]*?<svg[\s\S]*?>/, "")
      .replace(/<\/svg>\s*$/, "")
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
      .replace(/\s*\n\s*/g, "");
    const paint = filled
      ? 'fill="currentColor"'
      : 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
    return `<symbol id="${name}" viewBox="0 0 24 24" ${paint}>${inner}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

// ---- style sheets

async function tabler(file) {
  const { PurgeCSS } = await import("purgecss");
  const [result] = await new PurgeCSS().purge({
    css: [{ raw: read(inModules(`@tabler/core/dist/css/${file}`)) }],
    content: [...pages, ...scripts].map((page) => ({
      raw: read(page),
      extension: path.extname(page).slice(1),
    })),
    defaultExtractor: (text) => text.match(/[\w-/:.@]+(?<![:.])/g) ?? [],
    safelist: { standard: ["html", "body", /^htmx-/, /^is-/], greedy: [/data-bs-theme/, /:dir/] },
    variables: false,
    keyframes: true,
    fontFace: true,
  });
  return withoutMap(result.css);
}

async function main() {
  for (const name of ["staff.css", "customer.css"]) {
    if (!fs.existsSync(path.join(styles, name))) fail(`loyalty/web/styles/${name} is missing`);
  }
  const stamp = path.join(target, ".inputs");
  const inputs = fingerprint();
  const done = fs.existsSync(stamp) && read(stamp) === inputs;
  if (done && fs.existsSync(path.join(target, "manifest.json"))) return;
  if (!fs.existsSync(modules)) fail("node_modules is missing: run `make assets`");
  fs.mkdirSync(target, { recursive: true });
  fs.rmSync(stamp, { force: true });

  for (const image of images) put(path.basename(image), fs.readFileSync(image));
  put("icons.svg", icons());
  put("htmx.min.js", withoutMap(read(inModules("htmx.org/dist/htmx.min.js"))));
  for (const script of scripts) put(path.basename(script), read(script));
  const swagger = inModules("swagger-ui-dist");
  put("swagger-ui.js", withoutMap(read(path.join(swagger, "swagger-ui-bundle.js"))));
  put("swagger-ui.css", withoutMap(read(path.join(swagger, "swagger-ui.css"))));

  const faces = await fonts();
  const own = (name) => withHashes(read(path.join(styles, name)));
  put("staff.css", `${faces}\n${await tabler("tabler.min.css")}\n${own("staff.css")}`);
  put("staff.rtl.css", `${faces}\n${await tabler("tabler.rtl.min.css")}\n${own("staff.css")}`);
  put("customer.css", `${faces}\n${own("customer.css")}`);

  const unfinished = path.join(target, ".manifest.json");
  fs.writeFileSync(unfinished, `${JSON.stringify(manifest, null, 2)}\n`);
  fs.renameSync(unfinished, path.join(target, "manifest.json"));
  const kept = new Set([...Object.values(manifest), "manifest.json"]);
  for (const file of fs.readdirSync(target)) {
    if (!kept.has(file)) fs.rmSync(path.join(target, file), { recursive: true });
  }
  fs.writeFileSync(stamp, inputs);
  console.log(`assets: ${Object.keys(manifest).length} files in loyalty/web/assets`);
}

await main();
