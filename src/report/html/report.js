// The tables of the report. Rows are made only while they are in view, so that a table stays usable
// with a million rows. Every value reaches the page as text, never as markup.
'use strict';

(() => {
  const ROW = 31;           // pixels: td's height with its border; report.css has the same
  const MARGIN = 12;        // rows kept on either side of the view
  const TALLEST = 8000000;  // pixels; browsers limit the height of an element
  const WIDEST = 70;        // characters of a column
  const FEW = 8;            // rows that need no search
  const PRINTED = 1000;     // rows of a table that go on paper

  const numbers = new Intl.NumberFormat('en-US');
  const collator = new Intl.Collator('en', {numeric: true});

  function element(tag, attributes, text) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function bytes(value) {
    const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
    let unit = 0;
    while (value >= 1024 && unit + 1 < units.length) {
      value /= 1024;
      unit++;
    }
    return (unit === 0 ? value : value.toFixed(1)) + ' ' + units[unit];
  }

  function shown(kind, value) {
    if (value === null) return '';
    switch (kind) {
      case 'flag': return value ? 'yes' : 'no';
      case 'bytes': return bytes(value);
      case 'number': return numbers.format(value);
      case 'millis': return (value / 1000).toFixed(1) + ' s';
      default: return String(value);
    }
  }

  // The columns people see: an amount says itself whether it is exact, a time is shown as text.
  function columnsOf(data) {
    const index = (name) => data.columns.findIndex((c) => c.name === name);
    const [exact, what] = [index('exact'), index('what')];
    return data.columns.map((column, at) => ({...column, at, exact, what}))
        .filter((column) => column.kind !== 'epoch-ms' && column.at !== exact);
  }

  function cell(column, row) {
    const value = row[column.at];
    if (column.name === 'container' && value < 0) return '-';
    if (column.name !== 'amount') return shown(column.kind, value);
    if (row[column.what] === 'window') return 'in ' + numbers.format(value) + ' open segments';
    if (row[column.exact]) return numbers.format(value);
    return value === 0 ? 'perhaps' : 'at least ' + numbers.format(value);
  }

  const isNumeric = (kind) => kind === 'number' || kind === 'bytes' || kind === 'millis';

  class Table {
    constructor(data) {
      this.data = data;
      this.columns = columnsOf(data);
      this.rows = data.rows;
      this.picked = null;
      this.words = [];
      this.container = null;
      this.containerColumn = data.columns.findIndex((c) => c.name === 'container');
      this.sorted = {column: -1, down: false};
      this.section = element('section', {id: 'table-' + data.type});
      const title = element('h2', {id: 'title-' + data.type}, data.title);
      this.section.setAttribute('aria-labelledby', title.id);
      this.section.append(title, element('p', {class: 'about'}, data.about));
      if (data.rows.length === 0) {
        this.section.append(element('p', {class: 'none'}, 'None.'));
        return;
      }
      this.makeBar();
      this.makeGrid(title.id);
      this.update();
    }

    makeBar() {
      const bar = element('div', {class: 'bar'});
      this.input = element('input', {type: 'search', placeholder: 'Search: all words must occur',
                                     'aria-label': 'Search ' + this.data.title});
      this.count = element('span', {class: 'count', role: 'status'});
      let waiting = 0;
      this.input.addEventListener('input', () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => this.search(this.input.value), 120);
      });
      if (this.data.rows.length > FEW) bar.append(this.input);
      bar.append(this.count);
      this.section.append(bar);
    }

    makeGrid(title) {
      this.scroll = element('div', {class: 'scroll', tabindex: '0', role: 'region',
                                    'aria-labelledby': title});
      this.table = element('table', {});
      this.table.append(this.widths());
      const head = element('tr', {});
      this.heads = this.columns.map((column, i) => {
        const heading = element('th', {scope: 'col'});
        if (isNumeric(column.kind)) heading.className = 'number';
        const button = element('button', {type: 'button'}, column.title);
        button.addEventListener('click', () => this.sort(i));
        heading.append(button);
        head.append(heading);
        return heading;
      });
      head.append(element('th', {'aria-hidden': 'true'}));
      const thead = element('thead', {});
      thead.append(head);
      this.body = element('tbody', {});
      this.table.append(thead, this.body);
      this.scroll.append(this.table);
      this.section.append(this.scroll);
      this.scroll.addEventListener('scroll', () => this.draw());
      this.detail = element('dl', {class: 'detail', 'aria-live': 'polite', hidden: ''});
      this.section.append(this.detail);
      const pick = (event) => this.pick(event.target.closest('tr[aria-rowindex]'));
      this.body.addEventListener('click', pick);
      this.body.addEventListener('keydown', (event) => { if (event.key === 'Enter') pick(event); });
    }

    // A row's values in full, below the table; the same row once more: away with them.
    pick(line) {
      if (!line || String(window.getSelection()) !== '') return;
      const row = this.rows[line.getAttribute('aria-rowindex') - 2];
      this.picked = this.picked === row ? null : row;
      this.detail.hidden = this.picked === null;
      this.detail.replaceChildren(...this.columns.flatMap((column) => {
        const text = cell(column, row);
        return text === '' ? [] : [element('dt', {}, column.title), element('dd', {}, text)];
      }));
      for (const other of this.body.querySelectorAll('.picked')) other.classList.remove('picked');
      if (this.picked) line.classList.add('picked');
    }

    // Columns as wide as their longest value, whichever rows are in view.
    widths() {
      const group = element('colgroup', {});
      this.columns.forEach((column) => {
        let longest = column.title.length + 3;
        for (const row of this.data.rows) longest = Math.max(longest, cell(column, row).length);
        const col = element('col', {});
        col.style.width = 'calc(' + Math.min(longest, WIDEST) + 'ch + 24px)';
        group.append(col);
      });
      group.append(element('col', {}));  // takes what is left
      return group;
    }

    // A row's values as one lower-case text, made when the row is first searched.
    text(row) {
      if (row.text === undefined) {
        Object.defineProperty(row, 'text', {value: row.map(
            (value, i) => this.data.columns[i].kind === 'flag' ? '' : String(value ?? ''))
            .join('\n').toLowerCase()});
      }
      return row.text;
    }

    search(value) {
      this.words = value.toLowerCase().split(/\s+/).filter((word) => word !== '');
      this.update();
    }

    onlyContainer(container) {
      if (this.containerColumn < 0 || this.data.rows.length === 0) return;
      this.container = container;
      this.update();
    }

    sort(column) {
      const again = this.sorted.column === column;
      this.sorted = {column, down: again ? !this.sorted.down : false};
      this.heads.forEach((head, i) => {
        if (i === column) head.setAttribute('aria-sort', this.sorted.down ? 'descending' : 'ascending');
        else head.removeAttribute('aria-sort');
      });
      this.update();
    }

    update() {
      let rows = this.data.rows;
      if (this.container !== null) {
        rows = rows.filter((row) => row[this.containerColumn] === this.container);
      }
      if (this.words.length > 0) {
        rows = rows.filter((row) => this.words.every((word) => this.text(row).includes(word)));
      }
      if (this.sorted.column >= 0) {
        const down = this.sorted.down;
        const {at: column, kind} = this.columns[this.sorted.column];
        const sign = down ? -1 : 1;
        const text = ['text', 'name'].includes(kind);
        const compare = text ? (a, b) => collator.compare(a ?? '', b ?? '') : (a, b) => a - b;
        rows = rows.slice().sort((a, b) => sign * compare(a[column], b[column]));
      }
      this.rows = rows;
      const all = this.data.rows.length;
      this.count.textContent = rows.length === all ?
          numbers.format(all) + (all === 1 ? ' row' : ' rows') :
          numbers.format(rows.length) + ' of ' + numbers.format(all) + ' rows';
      this.table.setAttribute('aria-rowcount', rows.length + 1);
      this.scroll.scrollTop = 0;
      this.draw();
    }

    draw() {
      const total = this.rows.length;
      const inView = Math.ceil((this.scroll.clientHeight || 600) / ROW);
      const height = Math.min(total * ROW, TALLEST);
      // Below the limit this is scrollTop / ROW; above it the whole range is spread over the height.
      const range = Math.max(1, height - inView * ROW);
      const at = height < TALLEST ? Math.floor(this.scroll.scrollTop / ROW) :
          Math.floor(Math.min(1, this.scroll.scrollTop / range) * (total - inView));
      const first = Math.max(0, at - MARGIN);
      const last = Math.min(total, at + inView + MARGIN);
      const above = height < TALLEST ? first * ROW : Math.max(0, this.scroll.scrollTop - (at - first) * ROW);
      this.put(first, last, above, Math.max(0, height - above - (last - first) * ROW));
    }

    put(first, last, above, below) {
      const made = document.createDocumentFragment();
      made.append(this.space(above));
      for (let i = first; i < last; i++) made.append(this.row(i));
      made.append(this.space(below));
      this.body.replaceChildren(made);
    }

    space(height) {
      const row = element('tr', {class: 'space', 'aria-hidden': 'true'});
      const cell = element('td', {colspan: this.columns.length + 1});
      cell.style.height = height + 'px';
      row.append(cell);
      return row;
    }

    row(index) {
      const row = element('tr', {'aria-rowindex': index + 2, tabindex: '0'});
      if (this.rows[index] === this.picked) row.className = 'picked';
      for (const column of this.columns) {
        const text = cell(column, this.rows[index]);
        const kind = isNumeric(column.kind) ? 'number' : column.kind;
        row.append(element('td', {class: kind, title: text}, text));
      }
      row.append(element('td', {'aria-hidden': 'true'}));
      return row;
    }

    print() {
      if (this.data.rows.length === 0) return;
      const last = Math.min(this.rows.length, PRINTED);
      this.put(0, last, 0, 0);
      if (last < this.rows.length) {
        this.count.textContent += ', the first ' + numbers.format(last) + ' are printed';
      }
    }
  }

  function makeMap(containers, tables) {
    const squares = document.getElementById('squares');
    const index = (name) => containers.columns.findIndex((c) => c.name === name);
    const [id, segments, size, losses] = ['container', 'segments', 'bytes', 'losses'].map(index);
    let picked = null;
    for (const row of containers.rows) {
      const state = row[losses] > 0 ? 'loss' : row[segments] === 0 ? 'empty' : 'whole';
      const label = 'Container ' + row[id] + ': ' + numbers.format(row[segments]) + ' segments, ' +
          bytes(row[size]) + ', ' + row[losses] + ' loss items';
      const square = element('button', {type: 'button', class: state, title: label,
                                        'aria-label': label, 'aria-pressed': 'false'}, row[id]);
      square.addEventListener('click', () => {
        const same = picked === square;
        if (picked) picked.setAttribute('aria-pressed', 'false');
        picked = same ? null : square;
        if (picked) picked.setAttribute('aria-pressed', 'true');
        for (const table of tables) table.onlyContainer(picked ? row[id] : null);
      });
      squares.append(square);
    }
    document.getElementById('map').hidden = containers.rows.length === 0;
  }

  const data = JSON.parse(document.getElementById('data').textContent);
  const tables = data.map((table) => new Table(table));
  document.getElementById('tables').append(...tables.map((table) => table.section));
  for (const table of tables) if (table.data.rows.length > 0) table.draw();
  makeMap(data.find((table) => table.type === 'container'), tables);
  window.addEventListener('beforeprint', () => tables.forEach((table) => table.print()));
  window.addEventListener('afterprint', () => tables.forEach(
      (table) => table.data.rows.length > 0 && table.update()));
  window.addEventListener('resize', () => tables.forEach(
      (table) => table.data.rows.length > 0 && table.draw()));
})();
