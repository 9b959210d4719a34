"""One call, the way that is asked for: `call.py WAY [HOST]`. Without a host it asks a model at the place
that the way knows by itself; with one it only asks that host for its models, and any answer will do.
Nothing is configured here.
"""
import json
import sys

PROMPT = "Say hello."
CHAT = "https://api.openai.com/v1/chat/completions"
BODY = {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": PROMPT}]}
KEY = "sk-of-the-app"


def by_urllib(host):
    import urllib.error
    import urllib.request
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    asked = urllib.request.Request(f"https://{host}/v1/models" if host else CHAT, headers=headers,
                                   data=None if host else json.dumps(BODY).encode())
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        return error.read()


def by_requests(host):
    import requests
    headers = {"authorization": f"Bearer {KEY}"}
    if host:
        return requests.get(f"https://{host}/v1/models", headers=headers, timeout=20).text
    return requests.post(CHAT, headers=headers, json=BODY, timeout=20).text


def by_httpx(host):
    import httpx
    headers = {"authorization": f"Bearer {KEY}"}
    if host:
        return httpx.get(f"https://{host}/v1/models", headers=headers, timeout=20).text
    return httpx.post(CHAT, headers=headers, json=BODY, timeout=20).text


def by_openai(host):
    import openai
    if host:
        client = openai.OpenAI(api_key=KEY, base_url=f"https://{host}/v1", max_retries=0)
        return listed(client.models.list, openai.APIStatusError)
    client = openai.OpenAI(api_key=KEY, max_retries=0)
    with client.responses.stream(model="gpt-4.1-mini", input=PROMPT) as stream:
        return stream.get_final_response().output_text


def by_anthropic(host):
    import anthropic
    if host:
        client = anthropic.Anthropic(api_key=KEY, base_url=f"https://{host}", max_retries=0)
        return listed(client.models.list, anthropic.APIStatusError)
    client = anthropic.Anthropic(api_key=KEY, max_retries=0)
    with client.messages.stream(model="claude-sonnet-4-5", max_tokens=64,
                                messages=[{"role": "user", "content": PROMPT}]) as stream:
        return stream.get_final_text()


def listed(models, answered):
    try:
        return models()
    except answered as error:
        return error


WAYS = {"urllib": by_urllib, "requests": by_requests, "httpx": by_httpx, "openai": by_openai, "anthropic": by_anthropic}

if __name__ == "__main__":
    print("answer:", WAYS[sys.argv[1]](sys.argv[2] if len(sys.argv) > 2 else None))
