// What a person finds on a page: by the words that are shown, and nothing that is hidden. It is the body of a function
// of a task and its words, and runs whether or not the page may run scripts.
const squeezed = text => (text ?? '').replace(/\s+/g, ' ').trim();
const shown = element => element.getClientRects().length > 0 && element.checkVisibility({ visibilityProperty: true });
const all = selector => [...document.querySelectorAll(selector)];
const listed = names => names.length > 0 ? [...new Set(names)].map(name => `“${name}”`).join(', ') : 'none';

const referred = element => squeezed((element.getAttribute('aria-labelledby') ?? '').split(/\s+/)
  .map(id => document.getElementById(id)?.textContent).join(' '));

// Each way in which an element can be called by name.
const pressableNames = element => [
  squeezed(element.innerText), squeezed(element.textContent), squeezed(element.getAttribute('aria-label')),
  referred(element), element instanceof HTMLInputElement ? squeezed(element.value) : '',
  squeezed(element.querySelector('img')?.alt),
].filter(name => name !== '');

// The words of a label without what stands in the control, if it is within.
const labelText = label => {
  const copy = label.cloneNode(true);
  copy.querySelectorAll('input, textarea, select, button').forEach(control => control.remove());
  return squeezed(copy.textContent);
};

const fieldNames = element => [
  ...[...(element.labels ?? [])].filter(shown).map(labelText), squeezed(element.getAttribute('aria-label')),
  referred(element),
].filter(name => name !== '');

// How many steps up it is from the one element to what contains the other as well.
const climb = (element, other) => {
  let steps = 0;
  for (let place = element; place && !place.contains(other); place = place.parentElement) steps += 1;
  return steps;
};

// The only one of these with that name; of several, the one that is nearest to the text.
const only = (candidates, names, name, beside) => {
  const named = candidates.filter(element => names(element).includes(name));
  if (named.length === 0) return { problem: `not found; there are: ${listed(candidates.flatMap(c => names(c)[0] ?? []))}` };
  let nearest = named;
  if (beside) {
    const exact = all('body *').filter(element => squeezed(element.textContent) === beside && shown(element));
    if (exact.length === 0) return { problem: `nothing on the page reads “${beside}”` };
    const far = element => Math.min(...exact.map(text => climb(element, text)));
    const least = Math.min(...named.map(far));
    nearest = named.filter(element => far(element) === least);
  }
  const distinct = new Set(nearest.map((element, at) => element.href ?? at));
  if (distinct.size > 1) return { problem: `there are ${nearest.length} of that name` };
  if (nearest[0].matches(':disabled')) return { problem: 'it is disabled' };
  return { element: nearest[0] };
};

const tasks = {
  text: () => document.body?.innerText ?? '',

  pressable: (name, beside) => only(
    all('a[href], button, summary, [role=button], input:is([type=submit], [type=button], [type=reset])').filter(shown),
    pressableNames, name, beside),

  field: (label, beside) => {
    const kinds = 'input:not([type=hidden], [type=submit], [type=button], [type=reset], [type=image]), textarea, select';
    const found = only(all(kinds), fieldNames, label, beside);
    return found.element ? { ...found, kind: found.element.type } : found;
  },

  option: (field, name) => {
    const option = [...field.options].find(each => squeezed(each.label) === name);
    return option ? { element: option }
      : { problem: `has no such option; there are: ${listed([...field.options].map(each => squeezed(each.label)))}` };
  },

  rows: () => all('tr').filter(shown).map(row => [...row.cells].map(cell => squeezed(cell.innerText))),

  // Focused, and with what is in it chosen, so that what is typed takes its place.
  enter: field => { field.focus(); field.select?.(); },

  // For what no keyboard types alike everywhere: dates, colours, ranges.
  put: (field, value) => {
    field.value = value;
    for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, { bubbles: true }));
  },

  // What makes the page wider than its window.
  wide: () => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const reaching = all('body *').filter(element => shown(element) && element.getBoundingClientRect().right > width + 0.5);
    return [`${document.documentElement.scrollWidth} > ${width}`, ...reaching.map(e => e.outerHTML.slice(0, 120)).slice(0, 5)];
  },
};

return tasks[arguments[0]](...[...arguments].slice(1));
