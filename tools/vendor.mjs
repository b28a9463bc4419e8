// Copies the few third-party files that pages load from node_modules into static/vendor.
// Nothing is bundled or rewritten, but source-map comments are dropped: the hashed static
// storage would look for the maps and fail.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const vendor = join(root, "src", "huiyin", "ui", "static", "vendor");
const printFonts = join(root, "src", "huiyin", "records", "fonts");

const withoutSourceMap = (text) =>
  text.replace(/^\/\/[#@] sourceMappingURL=.*$/gm, "").replace(/\/\*[#@] sourceMappingURL=.*?\*\//g, "");

function copyText(from, to) {
  mkdirSync(dirname(join(vendor, to)), { recursive: true });
  writeFileSync(join(vendor, to), withoutSourceMap(readFileSync(join(modules, from), "utf8")));
}

// A font package has about a hundred slices by character range, each loaded only when needed.
function copyFont(name) {
  const from = join(modules, "@fontsource-variable", name);
  const css = readFileSync(join(from, "wght.css"), "utf8");
  const used = new Set([...css.matchAll(/url\((?:'|")?\.\/files\/([^)'"]+)/g)].map((m) => m[1]));
  mkdirSync(join(vendor, name, "files"), { recursive: true });
  for (const file of readdirSync(join(from, "files"))) {
    if (used.has(file)) cpSync(join(from, "files", file), join(vendor, name, "files", file));
  }
  writeFileSync(join(vendor, name, "wght.css"), css);
}

// Printed forms are set on the server, which wants whole fonts instead of slices.
function copyPrintFonts() {
  const from = join(modules, "@expo-google-fonts", "noto-sans-sc");
  rmSync(printFonts, { recursive: true, force: true });
  mkdirSync(printFonts, { recursive: true });
  for (const weight of ["400Regular", "700Bold"]) {
    const file = `NotoSansSC_${weight}.ttf`;
    cpSync(join(from, weight, file), join(printFonts, file));
  }
}

// One sprite instead of a request per icon: <svg><use href="…/icons.svg#phone"></use></svg>.
function buildSprite() {
  const names = readFileSync(join(root, "tools", "icons.txt"), "utf8")
    .split("\n").map((line) => line.split("#")[0].trim()).filter(Boolean);
  const symbols = names.map((name) => {
    const svg = readFileSync(join(modules, "lucide-static", "icons", `${name}.svg`), "utf8");
    const inner = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>/, "")
      .replace(/<\/svg>\s*$/, "").replace(/\s+/g, " ").trim();
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" ` +
      `stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`;
  });
  writeFileSync(
    join(vendor, "icons.svg"),
    `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`,
  );
}

rmSync(vendor, { recursive: true, force: true });
copyText("signature_pad/dist/signature_pad.js", "signature_pad.js");
copyFont("noto-sans-sc");
copyFont("noto-serif-sc");
copyPrintFonts();
buildSprite();
