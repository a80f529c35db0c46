// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Refusal } from "../../api/client";
import { complain, say } from "../../parts/toast";

/** Sends a small form: what is refused lands on its field, what is done is said and read anew. */
export function useSending<Fields extends string>(key: string) {
  const client = useQueryClient();
  const [wrongs, setWrongs] = useState<Partial<Record<Fields, string>>>({});
  const [busy, setBusy] = useState(false);
  const send = async (act: () => Promise<unknown>, done: string, fallback?: Fields): Promise<boolean> => {
    setBusy(true);
    setWrongs({});
    try {
      await act();
      await client.invalidateQueries({ queryKey: [key] });
      if (done) say(done);
      return true;
    } catch (error) {
      const field = error instanceof Refusal ? (error.field.split(/[.[]/)[0] || fallback) : undefined;
      if (error instanceof Refusal && field) setWrongs({ [field]: error.said } as Partial<Record<Fields, string>>);
      else complain(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { wrongs, busy, send };
}

export const nameRule = "Lower-case letters, digits and inner - . _";
