// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { cronWords } from "./cron-words";

test.each([
  ["30 2 * * mon-fri", "at 02:30 from Monday to Friday"],
  ["30 2 * * *", "at 02:30 every day"],
  ["0 6,18 * * *", "at 06:00 and 18:00 every day"],
  ["*/15 8-18 * * *", "every 15 minutes from 08:00 to 18:45"],
  ["*/15 8-18 * * 1-5", "every 15 minutes from 08:00 to 18:45 from Monday to Friday"],
  ["* * * * *", "every minute"],
  ["@hourly", "every hour"],
  ["20 * * * *", "every hour at minute 20"],
  ["0 */2 * * *", "every 2 hours"],
  ["@daily", "at 00:00 every day"],
  ["@weekly", "at 00:00 on Sunday"],
  ["0 9 * * SAT,SUN", "at 09:00 on Saturday and Sunday"],
  ["0 9 * * fri-sun", "at 09:00 on Friday, Saturday and Sunday"],
  ["@monthly", "at 00:00 on the 1st of every month"],
  ["@yearly", "at 00:00 on the 1st of January"],
  ["0 4 1,15 1-6 *", "at 04:00 on the 1st and 15th of January to June"],
  ["0 4 22 feb,aug *", "at 04:00 on the 22nd of February and August"],
  ["0 4 * dec *", "at 04:00 in December"],
])("%s is %s", (cron, words) => expect(cronWords(cron)).toBe(words));

test("day and weekday: either will do, unless one begins with a star", () => {
  expect(cronWords("0 4 13 * fri")).toBe("at 04:00 on the 13th and also on Friday");
  expect(cronWords("0 4 */10 * fri")).toBe("at 04:00 on the 1st, 11th, 21st and 31st if that is a Friday");
  expect(cronWords("0 4 1-31 * fri")).toBe("at 04:00 every day");
});

test.each(["", "30 2 * *", "60 2 * * *", "5/10 * * * *", "* * 0 * *", "* * * * mon-", "0 9 * * 5-2", "@noon", "1,,2 * * * *"])("%j is left to the server", (cron) =>
  expect(cronWords(cron)).toBeUndefined());
