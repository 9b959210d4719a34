// One call with the client of the standard library: `call [HOST]`, as `call.py` does.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	method, url, body := "POST", "https://api.openai.com/v1/chat/completions",
		`{"model":"gpt-4.1-mini","messages":[{"role":"user","content":"Say hello."}]}`
	if len(os.Args) > 1 {
		method, url, body = "GET", "https://"+os.Args[1]+"/v1/models", ""
	}
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err == nil {
		request.Header.Set("authorization", "Bearer sk-of-the-app")
		request.Header.Set("content-type", "application/json")
		var answer *http.Response
		if answer, err = http.DefaultClient.Do(request); err == nil {
			defer answer.Body.Close()
			text, _ := io.ReadAll(answer.Body)
			fmt.Println("answer:", answer.Proto, string(text))
			return
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
