r"""The Java virtual machine: Java, Kotlin, Scala, logging frameworks, test runners, Android's log.

Needs a JDK 17, and for some cases Debian's ``kotlin``, ``scala``, ``liblogback-java``, ``liblog4j2-java`` and
``junit4``, or Maven. Android cannot run here: its log is made from a real stack trace by the layout that
https://developer.android.com/tools/logcat#log-format documents.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.parsing.recorders.base import CAUSE, MEMBER, Case, Crash, Exc

JARS = "/usr/share/java"


def crash(*exceptions: Exc, own: tuple[str, int | None, str] | None, missing: tuple[str, ...] = ()) -> Crash:
    return Crash(exceptions, own, "java", "java", missing)


def java(main: str, *, options: str = "", jars: tuple[str, ...] = ()) -> str:
    """Compile everything and run a class; where a jar is missing, say so."""
    paths = [f"{JARS}/{jar}.jar" for jar in jars]
    needed = "".join(f"[ -e {path} ] || {{ echo no {path}; exit 127; }}; " for path in paths)
    classes = ":".join(["out", *paths])
    return f"{needed}javac -cp {classes} -d out $(find . -name '*.java') && java {options} -cp {classes} {main}"


SHOP = """\
package com.shop;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

public class Shop {
    static final Map<String, Integer> PRICES = new HashMap<>();

    static class Door implements AutoCloseable {
        @Override
        public void close() {
            try {
                Integer.parseInt("x");
            } catch (NumberFormatException e) {
                throw new IllegalStateException("the door is stuck", e);
            }
        }
    }

    static int price(String name) {
        return PRICES.get(name);
    }

    static int total(List<String> cart) {
        return cart.stream().mapToInt(name -> price(name)).sum();
    }

    static void checkout() {
        try (Door front = new Door()) {
            total(List.of("pear"));
        }
    }

    public static void sell() {
        try {
            checkout();
        } catch (NullPointerException e) {
            throw new SoldOut("cannot sell:\\n  item “Käse”\\n\\nat the counter", e);
        }
    }
}
"""
SOLD_OUT = """\
package com.shop;

public class SoldOut extends RuntimeException {
    public SoldOut(String message, Throwable cause) {
        super(message, cause);
    }
}
"""
SOLD = "cannot sell:\n  item “Käse”\n\nat the counter"
NO_VALUE = (
    'Cannot invoke "java.lang.Integer.intValue()" because the return value of "java.util.Map.get(Object)" is null'
)
PRICE = ("Shop.java", 22, "com.shop.Shop.price")


def main(body: str, *, head: str = "") -> Mapping[str, str]:
    """The shop, and a main method, the first line of whose body is line 5, or as many further down as ``head`` has."""
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    start = f"package com.shop;\n{head}\npublic class Main {{\n    public static void main(String[] a) throws Throwable"
    return {
        "com/shop/Shop.java": SHOP,
        "com/shop/SoldOut.java": SOLD_OUT,
        "com/shop/Main.java": f"{start} {{\n{lines}\n    }}\n}}\n",
    }


def sold(*, above: int = 1) -> tuple[Exc, ...]:
    """What ``sell`` throws, called through ``above`` frames."""
    # price, the lambda, five of the stream, sum, total, checkout, sell
    return (
        Exc("java.lang.NullPointerException", NO_VALUE, CAUSE),
        Exc("java.lang.NumberFormatException", 'For input string: "x"', CAUSE),
        Exc("java.lang.IllegalStateException", "the door is stuck", MEMBER, frames=3 + above),
        Exc("com.shop.SoldOut", SOLD, frames=1 + above),
    )


JUNIT = """\
package com.shop;

import static org.junit.Assert.assertEquals;

import java.util.List;
import org.junit.Test;

public class ShopTest {
    @Test
    public void countsPears() {
        assertEquals("the total", 3, 4);
    }

    @Test
    public void sells() {
        Shop.total(List.of("pear"));
    }

    @Test
    public void opens() {
    }
}
"""

KOTLIN = """\
package com.shop

class Cart(private val names: List<String>) {
    private val prices = mapOf("plum" to 3)

    fun total(): Int = names.map { price(it) }.sum()

    private fun price(name: String): Int =
        prices[name] ?: throw NoSuchElementException("no price for $name")
}

fun main(args: Array<String>) {
    try {
        Cart(listOf("plum", "pear")).total()
    } catch (e: NoSuchElementException) {
        throw IllegalStateException("the shop is closed", e)
    }
}
"""
SCALA = """\
package com.shop

object Main {
  val prices = Map("plum" -> 3)

  def price(name: String): Int = prices(name)

  def main(args: Array[String]): Unit =
    println(List("plum", "pear").map(name => price(name)).sum)
}
"""

LOGBACK = """\
<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{{HH:mm:ss.SSS}} [%thread] %-5level %logger{{36}} - %msg%n{pattern}</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="OUT"/></root>
</configuration>
"""
LOGBACK_JARS = ("logback-classic", "logback-core", "slf4j-api")
LOGGED = """\
org.slf4j.Logger log = org.slf4j.LoggerFactory.getLogger(Main.class);
log.info("the shop opens at 9:00");
try {
    Shop.sell();
} catch (SoldOut e) {
    log.error("sale of {} failed", "pears", e);
}
log.warn("the shop closes");
"""
LOGGED_AS_JSON = r"""
try {
    Shop.sell();
} catch (SoldOut e) {
    var text = new java.io.StringWriter();
    e.printStackTrace(new java.io.PrintWriter(text));
    String quoted = text.toString().replace("\\", "\\\\").replace("\"", "\\\"");
    String stack = quoted.replace("\n", "\\n").replace("\t", "\\t");
    System.out.printf("{\"level\":\"ERROR\",\"message\":\"sale failed\",\"stack_trace\":\"%s\"}%n", stack);
}
"""
LOG4J = """\
<Configuration status="OFF">
  <Appenders>
    <Console name="OUT" target="SYSTEM_OUT">
      <PatternLayout pattern="%d{ISO8601} %-5p [%t] %c{1.} %m%n%xEx"/>
    </Console>
  </Appenders>
  <Loggers><Root level="info"><AppenderRef ref="OUT"/></Root></Loggers>
</Configuration>
"""
LOG4J_JARS = ("log4j-api", "log4j-core")
LOGGED_LOG4J = LOGGED.replace(
    "org.slf4j.Logger log = org.slf4j.LoggerFactory",
    ("org.apache.logging.log4j.Logger log = org.apache.logging.log4j.LogManager"),
)
POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.shop</groupId><artifactId>shop</artifactId><version>1</version>
  <properties>
    <maven.compiler.release>17</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency>
      <groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId><version>5.11.4</version>
      <scope>test</scope>
    </dependency>
  </dependencies>
  <build><plugins>
    <plugin><artifactId>maven-resources-plugin</artifactId><version>3.3.1</version></plugin>
    <plugin><artifactId>maven-compiler-plugin</artifactId><version>3.13.0</version></plugin>
    <plugin><artifactId>maven-surefire-plugin</artifactId><version>3.2.5</version></plugin>
  </plugins></build>
</project>
"""
JUPITER = """\
package com.shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShopTest {
    @Test
    void countsPears() {
        assertEquals(3, 4, "the total");
    }

    @Test
    void sells() {
        Shop.total(List.of("pear"));
    }
}
"""

CASES: tuple[Case, ...] = (
    Case(
        "uncaught",
        "java",
        java("com.shop.Main"),
        (crash(*sold(), own=PRICE),),
        main('System.out.println("open");\nShop.sell();'),
    ),
    Case(
        "printed",
        "printStackTrace",
        java("com.shop.Main"),
        (
            crash(
                Exc("java.lang.ClassNotFoundException", "com.shop.Nowhere"), own=("Main.java", 6, "com.shop.Main.main")
            ),
            crash(*sold(), own=PRICE),
            crash(
                Exc("java.lang.IllegalArgumentException", "", frames=2),
                own=("Main.java", 15, "com.shop.Main.lambda$main$0"),
            ),
        ),
        main(
            'try {\n    Class.forName("com.shop.Nowhere");\n} catch (Exception e) {\n    e.printStackTrace();\n}\n'
            "try {\n    Shop.sell();\n} catch (SoldOut e) {\n    e.printStackTrace();\n}\n"
            'Thread thread = new Thread(() -> { throw new IllegalArgumentException(); }, "worker \\"1\\"");\n'
            "thread.start();\nthread.join();"
        ),
    ),
    Case(
        "circular",
        "java",
        java("com.shop.Main"),
        (
            crash(
                Exc("java.lang.Exception", "other", CAUSE, frames=1),
                Exc("java.lang.Exception", "self", frames=1),
                own=("Main.java", 6, "com.shop.Main.main"),
            ),
        ),
        main('Exception self = new Exception("self");\nself.initCause(new Exception("other", self));\nthrow self;'),
    ),
    Case(
        "static_initialiser",
        "java",
        java("com.shop.Main"),
        (
            crash(
                Exc("java.lang.ArithmeticException", "/ by zero", CAUSE, frames=2),
                Exc("java.lang.ExceptionInInitializerError", "", frames=1),
                own=("Main.java", 2, "com.shop.Broken.<clinit>"),
            ),
        ),
        main("System.out.println(Broken.size);", head="class Broken { static int size = 1 / 0; }"),
    ),
    Case(
        "reflection",
        "java, native and hidden frames",
        java("com.shop.Main"),
        (
            crash(
                *sold(above=5)[:3],
                Exc("com.shop.SoldOut", SOLD, CAUSE),
                Exc("java.lang.reflect.InvocationTargetException", ""),
                own=PRICE,
            ),
        ),
        main('Shop.class.getMethod("sell").invoke(null);'),
    ),
    Case(
        "stack_overflow",
        "java",
        java("com.shop.Main", options="-Xss512k"),
        (crash(Exc("java.lang.StackOverflowError", "", frames=1024), own=("Main.java", 2, "com.shop.Deep.down")),),
        main("Deep.down(0);", head="class Deep { static int down(int n) { return down(n + 1) + 1; } }"),
    ),
    Case(
        "no_stack",
        "java -XX:-StackTraceInThrowable",
        java("com.shop.Main", options="-XX:-StackTraceInThrowable"),
        (
            crash(
                Exc("java.lang.IllegalStateException", "closed", frames=0),
                own=None,
                missing=("the stack after line 1",),
            ),
        ),
        main('throw new IllegalStateException("closed");'),
    ),
    Case(
        "default_package",
        "java, classes without package",
        "javac Main.java && java Main",
        (
            crash(Exc("SoldOut", "pears", frames=2), own=("Main.java", 3, "Main.sell")),
            crash(Exc("SoldOut", "plums", frames=2), own=("Main.java", 3, "Main.sell")),
        ),
        {
            "Main.java": "class SoldOut extends RuntimeException { SoldOut(String message) { super(message); } }\n"
            "public class Main {\n    static void sell(String name) { throw new SoldOut(name); }\n"
            "    public static void main(String[] a) {\n"
            '        try { sell("pears"); } catch (SoldOut e) { e.printStackTrace(); }\n'
            '        sell("plums");\n    }\n}\n'
        },
    ),
    Case(
        "output_between",
        "java, two streams in one pipe",
        java("com.shop.Main") + ' 2>&1 | awk \'{print} NR == 3 {print "GET /carts 200"; print "GET /carts/7 404"}\'',
        (
            crash(
                Exc("java.lang.IllegalStateException", "closed", frames=3), own=("Main.java", 2, "com.shop.Deep.down")
            ),
        ),
        main(
            "Deep.down(1);",
            head="class Deep { static int down(int n) { if (n > 0) return down(n - 1) + 1; "
            'throw new IllegalStateException("closed"); } }',
        ),
    ),
    Case(
        "java_util_logging",
        "java.util.logging",
        java("com.shop.Main"),
        (crash(*sold(), own=PRICE),),
        main(
            'var log = java.util.logging.Logger.getLogger("shop");\nlog.info("open");\n'
            "try {\n    Shop.sell();\n} catch (SoldOut e) {\n"
            '    log.log(java.util.logging.Level.SEVERE, "sale failed", e);\n}\nlog.info("closed");'
        ),
    ),
    Case(
        "logback",
        "Logback",
        java("com.shop.Main", jars=LOGBACK_JARS, options="-Dlogback.configurationFile=logback.xml"),
        (crash(*sold(), own=PRICE),),
        {**main(LOGGED), "logback.xml": LOGBACK.format(pattern="")},
    ),
    Case(
        "logback_root_cause_first",
        "Logback %rEx",
        java("com.shop.Main", jars=LOGBACK_JARS, options="-Dlogback.configurationFile=logback.xml"),
        (crash(*sold(), own=PRICE),),
        {**main(LOGGED), "logback.xml": LOGBACK.format(pattern="%rEx")},
    ),
    Case(
        "logback_packaging",
        "Logback %xEx",
        java("com.shop.Main", jars=LOGBACK_JARS, options="-Dlogback.configurationFile=logback.xml"),
        (crash(*sold(), own=PRICE),),
        {
            **main(LOGGED),
            "logback.xml": LOGBACK.format(pattern="%xEx").replace(
                "<configuration", '<configuration packagingData="true"'
            ),
        },
    ),
    Case(
        "log4j",
        "Log4j %xEx",
        java("com.shop.Main", jars=LOG4J_JARS, options="-Dlog4j2.configurationFile=log4j2.xml"),
        (crash(*sold(), own=PRICE),),
        {**main(LOGGED_LOG4J), "log4j2.xml": LOG4J},
    ),
    Case(
        "json_record",
        "a JSON log record",
        java("com.shop.Main"),
        (crash(*sold(), own=PRICE),),
        main(LOGGED_AS_JSON),
    ),
    Case(
        "junit",
        "JUnit 4",
        java("org.junit.runner.JUnitCore com.shop.ShopTest", jars=("junit4", "hamcrest-core")),
        (
            crash(
                Exc("java.lang.AssertionError", "the total expected:<3> but was:<4>"),
                own=("ShopTest.java", 11, "com.shop.ShopTest.countsPears"),
            ),
            crash(Exc("java.lang.NullPointerException", NO_VALUE), own=PRICE),
        ),
        {**main(""), "com/shop/ShopTest.java": JUNIT},
    ),
    Case(
        "surefire",
        "Maven Surefire, JUnit 5",
        "repository=$(getent passwd $(id -u) | cut -d: -f6)/.m2/repository; "
        "for network in --offline --errors; do "
        "mvn $network -B -Dmaven.repo.local=$repository test >mvn.log; grep -q 'Tests run' mvn.log && break; done; "
        "grep -q 'Tests run' mvn.log || { cat mvn.log; exit 127; }; sed -n '/T E S T S/,$ p' mvn.log",
        (
            crash(
                Exc("org.opentest4j.AssertionFailedError", "the total ==> expected: <3> but was: <4>"),
                own=("ShopTest.java", 11, "com.shop.ShopTest.countsPears"),
            ),
            crash(Exc("java.lang.NullPointerException", NO_VALUE), own=PRICE),
        ),
        {
            "pom.xml": POM,
            "src/main/java/com/shop/Shop.java": SHOP,
            "src/main/java/com/shop/SoldOut.java": SOLD_OUT,
            "src/test/java/com/shop/ShopTest.java": JUPITER,
        },
    ),
    Case(
        "kotlin",
        "Kotlin",
        "kotlinc shop.kt -d shop.jar 2>kotlinc.log; kotlin -cp shop.jar com.shop.ShopKt",
        (
            crash(
                Exc("java.util.NoSuchElementException", "no price for pear", CAUSE),
                Exc("java.lang.IllegalStateException", "the shop is closed"),
                own=("shop.kt", 9, "com.shop.Cart.price"),
            ),
        ),
        {"shop.kt": KOTLIN},
    ),
    Case(
        "scala",
        "Scala",
        "scalac Main.scala && scala -cp . com.shop.Main",
        (
            crash(
                Exc("java.util.NoSuchElementException", "key not found: pear"),
                own=("Main.scala", 6, "com.shop.Main$.price"),
            ),
        ),
        {"Main.scala": SCALA},
    ),
    Case(
        "logcat",
        "Android's logcat",
        java("com.shop.Main")
        + " 2>&1 | sed -E 's/^Exception in thread \"main\" /FATAL EXCEPTION: main\\nProcess: com.shop, PID: 42\\n/' | "
        'awk \'{printf "05-01 10:00:00.%03d    42    42 E AndroidRuntime: %s\\n", 100 + NR, $0} '
        'END {print "05-01 10:00:00.900   512   530 W ActivityManager: Process com.shop has crashed"}\'',
        (crash(*sold(), own=PRICE),),
        main("Shop.sell();"),
    ),
    Case(
        "in_containers",
        "docker compose",
        # docker compose prints `NAME  | ` before each line (docs.docker.com/reference/cli/docker/compose/logs).
        java("com.shop.Main")
        + ' 2>&1 | awk \'{print "api-1  | " $0; if (NR % 4 == 0) print "web-1  | GET /carts 200"}\'',
        (crash(*sold(), own=PRICE),),
        main("Shop.sell();"),
    ),
    Case(
        "spaces_for_tabs",
        "a pasted block",
        java("com.shop.Main") + " 2>&1 | sed 's/\\t/    /g; s/^/    /'",
        (crash(*sold(), own=PRICE),),
        main("Shop.sell();"),
    ),
    Case(
        "cut_at_top",
        "java, tail",
        java("com.shop.Main") + " 2>&1 | tail -n 20",
        (
            crash(
                Exc("", ""),
                Exc("java.lang.NumberFormatException", 'For input string: "x"', CAUSE),
                Exc("java.lang.IllegalStateException", "the door is stuck", MEMBER),
                own=("Shop.java", 26, "com.shop.Shop.total"),
                missing=("what stood above line 1",),
            ),
        ),
        main("Shop.sell();"),
    ),
    Case(
        "thread_dump",
        "jstack",
        java("com.shop.Main & sleep 2; jstack $!; kill $!"),
        (),
        main("Thread.sleep(60_000);"),
    ),
)
