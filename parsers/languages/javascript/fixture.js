'use strict';

import { readFile } from 'fs';

const LIMIT = 10;

/**
 * Keeps the newest values of a stream.
 */
class Window {
  /**
   * Makes an empty window.
   *
   * @param {number} size - how many values it keeps
   */
  constructor(size = LIMIT) {
    this.size = size;
    this.values = [];
  }

  // The mean of the values, or 0 for none.
  get mean() {
    let sum = 0;
    for (const value of this.values) {
      sum += value;
    }
    return this.values.length === 0 ? 0 : sum / this.values.length;
  }

  static async open(path, { encoding, flags }, ...rest) {
    const text = await readFile(path, encoding);
    const [head, tail] = text.split('\n');
    const { length, name: title } = head;
    if (length > 0x10 && tail !== undefined) {
      return new Window(Number(head));
    } else {
      console.log(`no size in ${path}`, flags, rest, title);
    }
    return null;
  }

  #trim() {
    while (this.values.length > this.size) {
      this.values.shift();
    }
  }
}

/**
 * Adds two numbers.
 * @param {number} a the first
 * @param {number} b the second
 * @returns {number} their sum
 */
export function add(a, b) {
  return a + b;
}

/** Doubles a number; see {@link add}. */
export const twice = (x) => {
  return add(x, x);
};

// Half of a number.
const half = x => x / 2;

/**
 * Clears the window.
 */
Window.prototype.clear = function () {
  var i = 0;
  do {
    this.values.pop();
    i++;
  } while (i < 1e3);
};

const helpers = {
  // Whether a value is a number.
  isNumber: function (value) {
    return typeof value === 'number' || value instanceof Number;
  },

  count(items, test) {
    var found = 0;
    for (let i = 0; i < items.length; i++) {
      try {
        if (test(items[i])) found += 1;
        else if (items[i] === null) continue;
      } catch (error) {
        throw new Error('bad test: ' + error.message);
      }
    }
    switch (found) {
      case 0:
        const none = 'none';
        return none;
      default:
        return found;
    }
  },
};

function* numbers(limit) {
  for (let i = 0; i < limit; i++) {
    yield half(i);
  }
}

export default helpers;
export { numbers, Window };
