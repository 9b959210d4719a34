// One call with the client of the runtime: `java Call.java [HOST]`, as `call.py` does.

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

public class Call {
    public static void main(String[] arguments) throws Exception {
        var request = HttpRequest.newBuilder().header("authorization", "Bearer sk-of-the-app");
        if (arguments.length > 0) {
            request.uri(URI.create("https://" + arguments[0] + "/v1/models"));
        } else {
            var body = "{\"model\":\"gpt-4.1-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"Say hello.\"}]}";
            request.uri(URI.create("https://api.openai.com/v1/chat/completions"))
                .header("content-type", "application/json").POST(BodyPublishers.ofString(body));
        }
        var answer = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
        System.out.println("answer: " + answer.version() + " " + answer.body());
    }
}
